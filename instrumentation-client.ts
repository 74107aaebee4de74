// Runs before the page is drawn: the code of the picture comes along with the page's own, not after it. What fails here is
// told when it is wanted.
if (location.pathname.endsWith('/topology')) import('#components/topology/picture.ts').catch(() => {})
