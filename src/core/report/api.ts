/** The API group of DualStackReports: the one place in hand-written source that spells it. */
export const API_GROUP = 'dualstack.dev';
