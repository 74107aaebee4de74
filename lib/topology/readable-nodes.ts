/** Above this many nodes namespaces fold: nobody reads more at once. */
export const readableNodes = 150
