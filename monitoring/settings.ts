/** Where the documents are that dashboards link to, unless the hidden variable `docs` names another place. */
export const DOCS = 'https://github.com/dualstack-operator/dualstack-operator/blob/main/docs';

/** Where the runbooks are: an alert's `runbook_url` is this with the alert's heading behind a `#`. */
export const RUNBOOKS = `${DOCS}/runbooks.md`;

/** The label by which a Prometheus of many clusters distinguishes them. On one of a single cluster no series has it, which does no harm. */
export const CLUSTER_LABEL = 'cluster';

/** What `DualStackFamilyImbalance` tolerates, of `dualstack_family_imbalance_ratio`. */
export const TOLERATED_IMBALANCE = 0.2;

/** Up to how many nodes without a podCIDR have an alert each; of more there is one alert. */
export const MOST_NODES_NAMED = 10;

/** How long it is remembered that something was well, in days. */
export const REMEMBERED_DAYS = 7;

/** How old an evaluation may be, in seconds. The leader reports its time every 5 minutes, even where nothing has changed. */
export const OLDEST_EVALUATION_S = 900;

/** How many lists and watches of a kind may fail in a quarter of an hour: a restart of the API server costs a few. */
export const TOLERATED_ERRORS = 10;
