// Generated from schema/ by `npm run generate`. Do not edit.
export interface paths {
    "/v1/agent/user/token": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Sign in to the agent
         * @description Answers a token for the agent's own account, good for 24 hours. A refused sign-in answers 200 as well, with a `status` that is neither 0 nor 200 and a `message` instead of `data`. More than five wrong passwords lock the account for one minute.
         */
        post: operations["createAgentToken"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/agents": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read the agent itself
         * @description Answers the agent behind this address: its league, how it is deployed and audited, and why it is not trusted if it is not. Truth values come as words, and the string `status` is the agent's own and no error code.
         */
        get: operations["getAgentRuntime"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/agents/connectors": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the agent's connectors
         * @description Answers one page of the connectors. `offset` is a page number, and the service's own page size is 10.
         */
        get: operations["listConnectors"];
        put?: never;
        /**
         * Create or update a connector
         * @description Creates a connector (201), or updates the one that `connector_id` names (200), and answers it with its id. The connector goes as a JSON document inside the text part `data_connector`, a JDBC driver as the part `file`.
         */
        post: operations["saveConnector"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/agents/connectors/test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Try a connector's settings
         * @description Checks account, password and network reach of a connector that need not exist yet; the body is that of `saveConnector`. Answers the bare value `true`; a failed attempt is a 500 with an error code.
         */
        post: operations["testConnector"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/agents/connectors/{connector_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Delete a connector
         * @description Deletes the connector. The answer may be empty.
         */
        delete: operations["deleteConnector"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/agents/datasets": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the agent's datasets
         * @description Answers one page of the datasets registered on the agent, published or not. `offset` is a page number, and the service's own page size is 10.
         */
        get: operations["listAgentDatasets"];
        put?: never;
        /**
         * Create or update a dataset
         * @description Registers a dataset on the agent, or updates the one that `id` names, and answers its id. A database dataset has `ag_dataset_table`, a file of the LOCAL connector has `ag_dataset_local`. The league sees it once published.
         */
        post: operations["saveDataset"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/agents/datasets/batch-delete": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Delete datasets
         * @description Deletes the registrations of the named datasets. The answer may be empty.
         */
        post: operations["deleteDatasets"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/agents/datasets/{dataset_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read a dataset as it is registered
         * @description Answers the registration of one dataset: its connector, the table or the local file behind it, and its columns with their privacy and feature settings.
         */
        get: operations["getDatasetRegistration"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/agents/{agent_id}/datasets/{dataset_id}/publish": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Publish a dataset to the league
         * @description Makes a registered dataset visible to the agent's league, or brings an edited one up to date there. The answer may be empty.
         */
        post: operations["publishDataset"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/agents/{agent_id}/job-instances/{instance_id}/sample": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read a sample of a SQL instance's result
         * @description Answers the first rows that an instance of a SQL job has produced, as a JSON document in the string `result`, whose first record is the header. The string `status` is the instance's and no error code.
         */
        get: operations["getResultSample"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/agents/{agent_id}/job-instances": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the instances the agent takes part in
         * @description Answers one page of the instances of every job that ran on the agent. `offset` is a page number, and the service's own page size is 10; the rows carry neither league nor run status.
         */
        get: operations["listAgentInstances"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/agents/{agent_id}/notices/{notice_id}/approval": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Decide on an approval notice
         * @description Passes or rejects what a notice asks for. The answer may be empty.
         */
        post: operations["reviewNotice"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/agents/{agent_id}/notices": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the agent's approval notices
         * @description Answers one page of the notices addressed to the agent. `offset` is a page number, and `limit` counts as 0 where it is not sent, so always send it.
         */
        get: operations["listApprovalNotices"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/agents/{agent_id}/notices/{notice_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read what a notice asks for
         * @description Answers the sub-queries and datasets that wait for approval, how their fields are used, and the decision so far. `content` ends in a comma, and `field_detail` is a JSON document in a string.
         */
        get: operations["getApprovalNotice"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/{project_id}/leagues/{league_id}/datasets/{dataset_id}/schema-info": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Columns of a published dataset and their privacy
         * @description Answers the columns of a dataset that is published in the league, each with its privacy class, privacy policy and label for learning. The rows have no ids and no total: the dataset's whole schema comes at once.
         */
        get: operations["getDatasetPrivacy"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/{project_id}/leagues/{league_id}/available-datasets": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Datasets that a job in the league can use
         * @description Answers the published datasets of the league, grouped by the partner that owns them; `total` counts the partners, and a partner without a fitting dataset has an empty group. It is not paged. This is also the one call that tells which agent holds a dataset.
         */
        get: operations["listAvailableDatasets"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/{project_id}/leagues/{league_id}/sql-jobs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * SQL jobs of a league
         * @description Answers a page of the league's SQL jobs as this agent sees them, without their SQL (`getSqlJob` has it). The same path is served by the space plane with its own rows. The order of the rows is not documented.
         */
        get: operations["listSqlJobs"];
        put?: never;
        /**
         * Create an SQL job
         * @description Creates an SQL job with a name only and answers its id; the SQL itself is saved by `updateSqlJob`.
         */
        post: operations["createSqlJob"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/{project_id}/leagues/{league_id}/sql-jobs/{job_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One SQL job in full
         * @description Answers the job's SQL, its execution settings and the approval of every partner asked. It does not repeat the id, the creator or the times of the list's row.
         */
        get: operations["getSqlJob"];
        /**
         * Save an SQL job
         * @description Saves the job's name, description, SQL and execution settings as a whole; name and SQL are always sent. SQL that breaks the privacy rules of a dataset may be refused, here or when it is run, with the reason as text. The answer's body may be empty.
         */
        put: operations["updateSqlJob"];
        post?: never;
        /**
         * Delete an SQL job
         * @description Deletes the job. The answer's body may be empty.
         */
        delete: operations["deleteSqlJob"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/{project_id}/leagues/{league_id}/sql-jobs/{job_id}/approval": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Submit an SQL job for approval
         * @description Asks the partners whose datasets the SQL reads to approve the job; each finds a notice on its agents. There is no request body, and the answer's body may be empty.
         */
        post: operations["submitSqlJobForApproval"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/{project_id}/leagues/{league_id}/sql-jobs/{job_id}/cancel-approval": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Take an SQL job back from approval
         * @description Withdraws the request for approval. There is no request body, and the answer's body may be empty.
         */
        post: operations["cancelSqlJobApproval"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/{project_id}/leagues/{league_id}/sql-jobs/{job_id}/execute": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Run an SQL job
         * @description Starts one run of the saved job and answers the id of the new instance. There is no request body. A full queue refuses the run, and it can be tried again later.
         */
        post: operations["executeSqlJob"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/{project_id}/leagues/{league_id}/fl-predicted-jobs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Federated prediction jobs of a league
         * @description Answers a page of the league's prediction jobs. They exist on agents only, and no call reads one of them by id. The order of the rows is not documented.
         */
        get: operations["listPredictionJobs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/{project_id}/leagues/{league_id}/fl-job-instances": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Models that training jobs have made
         * @description Answers a page of the successful instances of one training job, or of all of them without `job_id`: each is a model that a prediction can use, with its metrics. The rows do not name their job.
         */
        get: operations["listModels"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/{project_id}/leagues/{league_id}/job-instances/{instance_id}/status": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Run status of an instance
         * @description Answers the instance's present run status and nothing else; it is the call to poll while an instance runs.
         */
        get: operations["getInstanceStatus"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/{project_id}/leagues/{league_id}/job-instances/{instance_id}/result": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Result of a learning instance
         * @description Answers what a learning instance has made: metrics, where the result is stored and counters. The rows of an SQL instance are read by the agent's sample call instead. This is the one call that tells an instance's job.
         */
        get: operations["getInstanceResult"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/{project_id}/leagues/{league_id}/instances/{instance_id}/stop": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Stop an instance
         * @description Asks for a running instance to be stopped; the instance ends a little later. Unlike its neighbours the path says `instances`, not `job-instances`. There is no request body, and the answer's body may be empty.
         */
        post: operations["stopInstance"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/{project_id}/leagues/{league_id}/job-instances/{instance_id}/error-info": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Why an instance failed
         * @description Answers the text of the exception that ended a failed instance.
         */
        get: operations["getInstanceError"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/{project_id}/leagues/{league_id}/job-instances": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Instances of a job
         * @description Answers a page of the instances of one job, or of every job in the league without `job_id`. The rows do not name their job. No call reads one instance by its id; the filter key `jobInstanceId` finds it here. The same path is served by the space plane with its own rows.
         */
        get: operations["listJobInstances"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/{project_id}/leagues/{league_id}/fl-jobs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the federated learning jobs of a league
         * @description Answers the horizontal and vertical jobs of the league as this agent sees them. The rows differ slightly from the space plane's, which have `approval_status` and no `learning_rate`.
         */
        get: operations["listFlJobs"];
        put?: never;
        /**
         * Create a federated learning job
         * @description Creates a horizontal or vertical job that has a name and an initiating agent but no training settings yet, and answers its id. The settings follow with `updateHorizontalJob` or `updateVerticalJob`.
         */
        post: operations["createFlJob"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/{project_id}/leagues/{league_id}/fl-jobs/{job_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read one horizontal job
         * @description Answers the settings of one horizontal job. The answer does not repeat the id of the job.
         */
        get: operations["getHorizontalJob"];
        /**
         * Save the settings of a horizontal job
         * @description Replaces the settings of one horizontal job. The answer may be empty.
         */
        put: operations["updateHorizontalJob"];
        post?: never;
        /**
         * Delete a federated learning job
         * @description Deletes one job, horizontal or vertical. The answer may be empty.
         */
        delete: operations["deleteFlJob"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/{project_id}/leagues/{league_id}/fl-jobs/{job_id}/execute": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Execute a horizontal job
         * @description Starts one run of a horizontal job as it was saved, and answers the id of the new instance.
         */
        post: operations["executeHorizontalJob"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/{project_id}/leagues/{league_id}/fl-vertical-jobs/{job_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read one vertical job
         * @description Answers the settings of one vertical job: datasets, chosen features, label, algorithm and how far the job has come. The answer does not repeat the id of the job.
         */
        get: operations["getVerticalJob"];
        /**
         * Save the settings of a vertical job
         * @description Replaces the settings of one vertical job. The reference declares a string without a name as the answer and shows none; the answer may be empty.
         */
        put: operations["updateVerticalJob"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/{project_id}/leagues/{league_id}/fl-vertical-jobs/{job_id}/execute": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Execute a vertical job
         * @description Starts training, evaluation or prediction of a vertical job with the given model parameters, and answers the id of the new instance. `vfl_external_param` stands only in the reference's example, but is real.
         */
        post: operations["executeVerticalJob"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/{project_id}/leagues/{league_id}/fl-vertical-jobs/{job_id}/features-selection-result": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read the feature selection of a vertical job
         * @description Answers how the latest feature selection (binning and information values) of a vertical job went. `result_ext` is an empty string as often as it is a document.
         */
        get: operations["getFeatureSelection"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/{project_id}/leagues/{league_id}/fl-vertical-jobs/{job_id}/idTruncation": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Truncate the ids of a vertical job's samples
         * @description Starts the coarse screening of samples by a prefix of their ids, and answers the id of the new instance. `prefix_count`, `league_id` and `job_id` stand only in the reference's example, but are real.
         */
        post: operations["truncateIds"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/{project_id}/leagues/{league_id}/fl-vertical-jobs/{job_id}/ivcalculate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Calculate the information values of features
         * @description Starts binning and the calculation of information values (IV) for the features of a vertical job, and answers the id of the new instance, of type VFL_FEATURE_SELECTION.
         */
        post: operations["calculateInformationValue"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/{project_id}/leagues/{league_id}/fl-vertical-jobs/{job_id}/sampleAlignment": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Align the samples of a vertical job
         * @description Starts the alignment of the samples that the agents' datasets have in common, and answers the id of the new instance. `league_id` and `job_id` stand only in the reference's example, but are real.
         */
        post: operations["alignSamples"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/{project_id}/leagues/{league_id}/fl-vertical-jobs/{job_id}/sample-alignment-result": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read the sample alignment of a vertical job
         * @description Answers how the latest sample alignment of a vertical job went: how many samples are common and where the aligned ids lie.
         */
        get: operations["getSampleAlignment"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @description A truth value. Written as a boolean, as the words "true" and "false", or as 0 and 1. */
        Flag: boolean | ("true" | "false" | "0" | "1") | (0 | 1) | null;
        /** @description An instant. ISO 8601 with an offset (2022-10-08T08:54:26.000+00:00), or milliseconds since 1970 as a number or as digits; 0, an empty string and null mean that it never happened. */
        Timestamp: string | number | null;
        /** @description A 64-bit counter, as a number or as digits. */
        Count: number | string | null;
        /** @description A decimal number, as a number or as digits. Its digits count. */
        Decimal: number | string | null;
        /** @description A JSON document inside a string, not always well formed; sometimes the document itself. */
        JsonText: string | {
            [key: string]: unknown;
        } | unknown[] | number | boolean | null;
        /** @description The error shape of both planes. */
        ErrorBody: {
            /** @description The service's code, for example TICS.SRV.40000023 or TICS_AGENT.10000012. */
            error_code: string;
            /** @description What happened, in the language that X-Language asked for. */
            error_msg: string;
        };
        /** @description The other error shape of the agent plane, for the token call even with HTTP 200. */
        StatusBody: {
            /** @description A code of the agent; 0 and 200 are success, 6 and 400 a wrong password, 401 too many failures. */
            status: number;
            /** @description What happened. */
            message: string;
        };
        /** @description Either error shape of the agent plane. */
        AgentErrorBody: components["schemas"]["ErrorBody"] | components["schemas"]["StatusBody"];
        /** @description The agent account's name and password, as set when the agent was deployed. */
        CreateAgentTokenRequest: {
            /** @description Login name of the agent; any letters, digits and signs but / * ? " < and >. */
            user_name: string;
            /**
             * Format: password
             * @description Login password of the agent.
             */
            password: string;
        };
        /** @description A token, or the refusal of a sign-in; `status` tells which. */
        AgentTokenAnswer: {
            /** @description A code of the agent. 0 and 200, with `data.token`, are success; 6 and 400 a wrong name or password; 401 too many failures. */
            status?: number | null;
            /** @description The token; absent or null in a refusal. */
            data?: components["schemas"]["AgentToken"] | null;
            /** @description Why the sign-in was refused, for example `account or password is error!`. */
            message?: string | null;
        };
        /** @description A token of the agent's account. */
        AgentToken: {
            /** @description The token, to be sent as X-Auth-Token. */
            token?: string | null;
            /** @description Login name it was made out to. */
            user_name?: string | null;
            /** @description When the token ends, 24 hours after it was made. */
            expire_time?: components["schemas"]["Timestamp"];
        };
        /** @description The agent as it describes itself. */
        AgentRuntime: {
            /** @description Whether agent and league trust each other. */
            trusted?: components["schemas"]["Flag"];
            /** @description Node status. ONLINE and OFFLINE say whether the agent is reachable; INIT new, UNKNOWN not known, FAULT broken, TRUSTING and TRUST trust being established and established. */
            status?: string | null;
            /** @description Id of the agent. */
            agent_id?: string | null;
            /** @description Name of the agent. */
            agent_name?: string | null;
            /** @description Id of the project the agent belongs to. */
            project_id?: string | null;
            /** @description Id of the league the agent has joined. */
            league_id?: string | null;
            /** @description Name of the league the agent has joined. */
            league_name?: string | null;
            /** @description Where the agent is deployed. CCE a container cluster of the cloud, IEF an edge node, EXTERNAL an agent outside the cloud. */
            cluster_type?: string | null;
            /** @description Storage mounted into the agent. HOST_PATH a path of its host, OBS object storage, SFS_TURBO a shared file system. */
            storage_type?: string | null;
            /** @description Id of the virtual private cloud of the CCE node; empty for other deployments. */
            cce_vpc_id?: string | null;
            /** @description Whether the agent's actions are audited on a blockchain (BCS). */
            bcs_enable?: components["schemas"]["Flag"];
            /** @description Address of the blockchain browser; may be a port only, such as `:30603`. */
            bcs_endpoint?: string | null;
            /** @description Why trust could not be established; empty if it was. */
            error_msg?: string | null;
        };
        /** @description The parts of a connector upload. */
        ConnectorForm: {
            /** @description The connector, as a JSON document in text. */
            data_connector: string;
            /**
             * Format: binary
             * @description The JDBC driver (a jar) that `driver_name` names. Needed to create or to test a MYSQL connector.
             */
            file?: string;
        };
        /** @description The document inside the part `data_connector`. */
        ConnectorInput: {
            /** @description Name of the connector. */
            name: string;
            /** @description Connector to update; leave it out to create one. */
            connector_id?: string;
            /**
             * @description What the connector reaches. MRS a MapReduce Service cluster (Hive), JDBC a database by its JDBC driver, MYSQL a MySQL database, RDS_MYSQL a MySQL database of the cloud's RDS, DWS a data warehouse (GaussDB), ORACLE an Oracle database.
             * @enum {string}
             */
            connector_type: "MRS" | "JDBC" | "MYSQL" | "RDS_MYSQL" | "DWS" | "ORACLE";
            /**
             * @description How the connector signs in. PWD by name and password, AK_SK by access key and secret key.
             * @enum {string}
             */
            auth_type: "PWD" | "AK_SK";
            /** @description The settings of this connector type, once more as a JSON document in a string. */
            ext_info: string;
        };
        /** @description The settings inside `ext_info`, by `connector_type`. */
        ConnectorSettings: components["schemas"]["MrsConnectorSettings"] | components["schemas"]["RdsMysqlConnectorSettings"] | components["schemas"]["DwsConnectorSettings"] | components["schemas"]["MysqlConnectorSettings"] | components["schemas"]["OracleConnectorSettings"] | components["schemas"]["JdbcConnectorSettings"];
        /** @description Settings of a connector of type MRS. */
        MrsConnectorSettings: {
            /** @description Address of the cluster's master node. */
            master_node_ip: string;
            /** @description Id of the MRS cluster. */
            cluster_id: string;
            /** @description Account of the cluster. */
            user_name?: string;
            /**
             * Format: password
             * @description Its password.
             */
            password?: string;
        } & {
            [key: string]: string;
        };
        /** @description Settings of a connector of type RDS_MYSQL. */
        RdsMysqlConnectorSettings: {
            /** @description Id of the RDS instance. */
            rds: string;
            /** @description JDBC address, `jdbc:mysql://<host>:<port>`. */
            jdbc_url: string;
            /** @description File name of the JDBC driver, for example `mysql-connector-java-8.0.20.jar`. */
            driver_name: string;
            /** @description Further properties of the JDBC connection; may be empty. */
            properties?: string;
            /** @description Account of the database. */
            user_name?: string;
            /**
             * Format: password
             * @description Its password.
             */
            password?: string;
        } & {
            [key: string]: string;
        };
        /** @description Settings of a connector of type DWS. */
        DwsConnectorSettings: {
            /** @description Id of the DWS cluster. */
            dws: string;
            /** @description JDBC address, `jdbc:postgresql://<host>:<port>/<database>`. */
            jdbc_url: string;
            /** @description File name of the JDBC driver, for example `dws-jdbc-1.7.1.jar`. */
            driver_name: string;
            /** @description Further properties of the JDBC connection; may be empty. */
            properties?: string;
            /** @description Account of the database. */
            user_name?: string;
            /**
             * Format: password
             * @description Its password.
             */
            password?: string;
        } & {
            [key: string]: string;
        };
        /** @description Settings of a connector of type MYSQL; its driver goes along as the part `file`. */
        MysqlConnectorSettings: {
            /** @description JDBC address, `jdbc:mysql://<host>:<port>`. */
            jdbc_url: string;
            /** @description File name of the JDBC driver, for example `mysql-connector-java-8.0.20.jar`. */
            driver_name: string;
            /** @description Further properties of the JDBC connection; may be empty. */
            properties?: string;
            /** @description Account of the database. */
            user_name?: string;
            /**
             * Format: password
             * @description Its password.
             */
            password?: string;
        } & {
            [key: string]: string;
        };
        /** @description Settings of a connector of type ORACLE. */
        OracleConnectorSettings: {
            /** @description Name of the database. */
            database_name: string;
            /** @description Address of the database's host. */
            database_ip: string;
            /** @description Port of the database, in digits. */
            database_port: string;
            /** @description Account of the database. */
            user_name?: string;
            /**
             * Format: password
             * @description Its password.
             */
            password?: string;
        } & {
            [key: string]: string;
        };
        /** @description Settings of a connector of type JDBC; the reference shows none, these are taken as those of MYSQL. */
        JdbcConnectorSettings: {
            /** @description JDBC address. */
            jdbc_url: string;
            /** @description File name of the JDBC driver. */
            driver_name: string;
            /** @description Further properties of the JDBC connection; may be empty. */
            properties?: string;
            /** @description Account of the database. */
            user_name?: string;
            /**
             * Format: password
             * @description Its password.
             */
            password?: string;
        } & {
            [key: string]: string;
        };
        /** @description A connector as just created or updated. */
        SavedConnector: {
            /** @description Name of the connector. */
            name?: string | null;
            /** @description Id of the connector. */
            connector_id?: string | null;
            /** @description What the connector reaches; the words are those of `ConnectorInput`. */
            connector_type?: string | null;
            /** @description How the connector signs in. PWD by name and password, AK_SK by access key and secret key. */
            auth_type?: string | null;
            /** @description Settings of the connector, see `ConnectorSettings`; may hold secrets. */
            ext_info?: components["schemas"]["JsonText"];
        };
        /** @description A page of connectors. */
        ConnectorRowList: {
            /** @description How many connectors there are in all. */
            total?: components["schemas"]["Count"];
            /** @description The connectors of this page. */
            lists?: components["schemas"]["ConnectorRow"][];
        };
        /** @description A connector of the agent. */
        ConnectorRow: {
            /** @description Id of the connector. */
            id?: string | null;
            /** @description Name of the connector. */
            name?: string | null;
            /** @description What the connector reaches; the words are those of `ConnectorInput`, and LOCAL for the agent's own files. */
            connector_type?: string | null;
            /** @description How the connector signs in, see `ConnectorInput`. The reference shows it in the answer of `saveConnector`, where it stands beside `ext_info`; `ext_info` may hold it too. */
            auth_type?: string | null;
            /** @description When the connector was created. */
            create_time?: components["schemas"]["Timestamp"];
            /** @description Settings of the connector, see `ConnectorSettings`; a string or an object, and may hold secrets. */
            ext_info?: components["schemas"]["JsonText"];
            /** @description State of the connector. NORMAL it works, ABNORMAL it does not, STARTING it is being set up. `status` is the same. */
            connector_status?: string | null;
            /** @description State of the connector, seen in the reference's example only. `connector_status` is the same. */
            status?: string | null;
        };
        /** @description A page of datasets of the agent. */
        AgentDatasetRowList: {
            /** @description How many datasets there are in all. */
            total?: components["schemas"]["Count"];
            /** @description The datasets of this page. */
            lists?: components["schemas"]["AgentDatasetRow"][];
        };
        /** @description A dataset registered on the agent. */
        AgentDatasetRow: {
            /** @description Id of the dataset. */
            id?: string | null;
            /** @description Name of the dataset. */
            name?: string | null;
            /** @description Name of the connector it is read through. */
            connector_name?: string | null;
            /** @description Name of the database; null for a local file. */
            data_source?: string | null;
            /** @description Name of the table; null for a local file. */
            table_name?: string | null;
            /** @description Kind of the data source. MRS, RDS (also RDS_MYSQL), MYSQL, DWS and ORACLE are tables of that kind, LOCAL_CSV a file of the agent; DLI, OBS, MODEL_ARTS and LOCAL_TENSOR_FLOW stand in the reference's table only. */
            data_type?: string | null;
            /** @description Publication of the dataset. UNPUBLISHED the league does not see it, PUBLISHED it does; a third word, which the reference does not spell, means edited and not yet synced to the league. */
            data_pub_status?: string | null;
            /** @description When the dataset was registered. */
            create_time?: components["schemas"]["Timestamp"];
        };
        /** @description The registration of a dataset. */
        SaveDatasetRequest: {
            /** @description Dataset to update; leave it out to create one. */
            id?: string;
            /** @description Name of the dataset; starts with an English letter and holds none of ? ! . * and $. */
            name: string;
            /** @description Free text about the dataset. */
            description?: string;
            /** @description The columns of the dataset. */
            columns: components["schemas"]["DatasetColumnInput"][];
            /** @description Connector the dataset is read through. */
            connector_id: string;
            /** @description Name of that connector; starts with an English letter and holds none of ? ! . * and $. */
            connector_name: string;
            /**
             * @description Kind of the data source. RDS a table of the cloud's RDS (connector type RDS_MYSQL), MYSQL, DWS, MRS and ORACLE a table of that kind, LOCAL_CSV a file of the agent.
             * @enum {string}
             */
            data_type: "RDS" | "MYSQL" | "DWS" | "MRS" | "ORACLE" | "LOCAL_CSV";
            /** @description The table behind a database dataset. */
            ag_dataset_table?: components["schemas"]["DatasetTableInput"];
            /** @description The file behind a LOCAL_CSV dataset. */
            ag_dataset_local?: components["schemas"]["DatasetFileInput"];
            /** @description Additional columns. */
            ext_columns?: components["schemas"]["DatasetColumnInput"][];
        };
        /** @description A table as the source of a dataset. */
        DatasetTableInput: {
            /** @description Id of the dataset. */
            data_id?: string;
            /** @description Schema of the database. */
            db_schema: string;
            /** @description Name of the table. */
            table_name: string;
        };
        /** @description A file on the agent as the source of a dataset. */
        DatasetFileInput: {
            /** @description Id of the dataset. */
            data_id?: string;
            /** @description Id of the dataset, empty for a new one. */
            dataset_id?: string;
            /** @description Name of the dataset. */
            dataset_name?: string;
            /** @description Type of the file; the reference lists no words. */
            file_type: string;
            /** @description What separates the values in the CSV file. */
            delimiter: string;
            /** @description Whether the file starts with a header line. */
            is_header_exist: boolean;
            /** @description Path of the data file. */
            data_file_path: string;
            /** @description Path of the id file. */
            id_file_path?: string;
            /** @description Path of the configuration file. */
            config_file_path?: string;
            /** @description Whether the steps of vertical federated learning after the sample alignment filter this file by its result automatically. */
            auto_generate_data?: boolean;
            /** @description Multihot settings of the file. */
            ext?: components["schemas"]["DatasetFileExtensionInput"];
        };
        /** @description Extended settings of a local file. */
        DatasetFileExtensionInput: {
            /** @description Groups of columns that are one multihot feature each. */
            multihot_settings?: components["schemas"]["MultihotGroupInput"][];
        };
        /** @description Columns that together are one multihot feature. */
        MultihotGroupInput: {
            /** @description Names of the columns of the group. */
            features?: string[];
            /** @description How many different values the group takes in all. */
            field_size?: number;
        };
        /** @description A column of a dataset. */
        DatasetColumnInput: {
            /** @description Comment on the column. */
            comments?: string;
            /** @description Id of the dataset. */
            data_id?: string;
            /** @description Name of the column. */
            column_name: string;
            /** @description Type of the column's values, for example STRING (tables), string or integer (files). */
            data_type?: string;
            /**
             * @description Privacy class of the column in SQL jobs. UNIQUE_ID identifies a record, SENSITIVE is to be protected, NON_SENSITIVE is not.
             * @enum {string}
             */
            sql_col_privacy_type?: "UNIQUE_ID" | "SENSITIVE" | "NON_SENSITIVE";
            /**
             * @description Part of the column in federated learning. FEATURE an input, LABEL what is to be learned, UNIQUE_ID identifies a sample, FILTER selects samples.
             * @enum {string}
             */
            fl_label_type?: "FEATURE" | "LABEL" | "UNIQUE_ID" | "FILTER";
            /**
             * @description What is done to the column's values. NONE nothing, MASK parts are covered, HASH they are hashed, ANONYMIZE they are made anonymous.
             * @enum {string}
             */
            privacy_policy?: "NONE" | "HASH" | "MASK" | "ANONYMIZE";
            /** @description Details of that policy. */
            privacy_policy_ext?: string;
            /**
             * @description Kind of the feature. CONTINUOUS a number, DISCRETE one of `field_size` values, MULTIHOT part of a multihot group.
             * @enum {string}
             */
            feature_type?: "CONTINUOUS" | "DISCRETE" | "MULTIHOT";
            /** @description How many values a DISCRETE feature can take. */
            field_size?: number;
        };
        /** @description The dataset that was created or updated. */
        SavedDataset: {
            /** @description Id of the dataset. */
            id?: string | null;
        };
        /** @description The datasets to delete. */
        DeleteDatasetsRequest: {
            /** @description Ids of the datasets. */
            resource_ids: string[];
        };
        /** @description A dataset as its owner registered it. */
        DatasetRegistration: {
            /** @description Id of the dataset. */
            id?: string | null;
            /** @description Name of the dataset. */
            name?: string | null;
            /** @description Free text about the dataset. */
            description?: string | null;
            /** @description The columns of the dataset. */
            columns?: components["schemas"]["DatasetRegistrationColumn"][];
            /** @description Id of the connector it is read through. */
            connector_id?: string | null;
            /** @description Name of that connector. */
            connector_name?: string | null;
            /** @description Kind of the data source. RDS (also RDS_MYSQL), MYSQL, DWS, MRS and ORACLE are tables of that kind, LOCAL_CSV a file of the agent. */
            data_type?: string | null;
            /** @description The table behind a database dataset. */
            ag_dataset_table?: components["schemas"]["DatasetRegistrationTable"];
            /** @description The file behind a LOCAL_CSV dataset. */
            ag_dataset_local?: components["schemas"]["DatasetRegistrationFile"];
            /** @description Additional columns. */
            ext_columns?: components["schemas"]["DatasetRegistrationColumn"][];
        };
        /** @description The table behind a dataset. */
        DatasetRegistrationTable: {
            /** @description Id of the dataset. */
            data_id?: string | null;
            /** @description Schema of the database. */
            db_schema?: string | null;
            /** @description Name of the table. */
            table_name?: string | null;
        };
        /** @description The file behind a dataset. */
        DatasetRegistrationFile: {
            /** @description Id of the dataset. */
            data_id?: string | null;
            /** @description Id of the dataset, as it was sent with the registration; may be empty. */
            dataset_id?: string | null;
            /** @description Name of the dataset, as it was sent with the registration. */
            dataset_name?: string | null;
            /** @description Type of the file; the reference lists no words. */
            file_type?: string | null;
            /** @description What separates the values in the CSV file. */
            delimiter?: string | null;
            /** @description Whether the file starts with a header line. */
            is_header_exist?: components["schemas"]["Flag"];
            /** @description Path of the data file. */
            data_file_path?: string | null;
            /** @description Path of the id file. */
            id_file_path?: string | null;
            /** @description Path of the configuration file. */
            config_file_path?: string | null;
            /** @description Whether the steps of vertical federated learning after the sample alignment filter this file by its result automatically. */
            auto_generate_data?: components["schemas"]["Flag"];
            /** @description Multihot settings of the file. The object by the reference's table; its sample is the bare list of groups in a string. */
            ext?: components["schemas"]["DatasetRegistrationFileExtension"] | components["schemas"]["DatasetRegistrationMultihotGroup"][] | string | null;
        };
        /** @description Extended settings of a local file. */
        DatasetRegistrationFileExtension: {
            /** @description Groups of columns that are one multihot feature each. */
            multihot_settings?: components["schemas"]["DatasetRegistrationMultihotGroup"][];
        };
        /** @description Columns that together are one multihot feature. */
        DatasetRegistrationMultihotGroup: {
            /** @description Names of the columns of the group, as a list or joined by commas. */
            features?: string[] | string | null;
            /** @description How many different values the group takes in all. */
            field_size?: number | null;
        };
        /** @description A column of a registered dataset. */
        DatasetRegistrationColumn: {
            /** @description Comment on the column. */
            comments?: string | null;
            /** @description Id of the dataset. */
            data_id?: string | null;
            /** @description Name of the column. */
            column_name?: string | null;
            /** @description Type of the column's values, for example STRING (tables), string or integer (files). */
            data_type?: string | null;
            /** @description Privacy class of the column in SQL jobs. UNIQUE_ID identifies a record, SENSITIVE is to be protected, NON_SENSITIVE is not. */
            sql_col_privacy_type?: string | null;
            /** @description Part of the column in federated learning. FEATURE an input, LABEL what is to be learned, UNIQUE_ID identifies a sample, FILTER selects samples. */
            fl_label_type?: string | null;
            /** @description What is done to the column's values. NONE nothing, MASK parts are covered, HASH they are hashed, ANONYMIZE they are made anonymous. */
            privacy_policy?: string | null;
            /** @description Details of that policy. */
            privacy_policy_ext?: string | null;
            /** @description Kind of the feature. CONTINUOUS a number, DISCRETE one of `field_size` values, MULTIHOT part of a multihot group. */
            feature_type?: string | null;
            /** @description How many values a DISCRETE feature can take. */
            field_size?: number | null;
        };
        /** @description The first rows of the result of a SQL job's instance. */
        ResultSample: {
            /** @description Run status of the instance. NEW, SUBMITING, ACCEPTED, DEPLOYING, PENDING, RUNNING and TERMINATING come before the end; SUCCEEDED, FAILED and TERMINATED are the end. */
            status?: string | null;
            /** @description An object with `records` (a list of rows, each a list of strings, the first being the header), `obs_path` (the file with the whole result) and `execute_time` (milliseconds, in digits). */
            result?: components["schemas"]["JsonText"];
            /** @description Id of the job; null in the reference's example. */
            job_id?: string | null;
            /** @description Kind of the job. SQL an analysis, FL horizontal and FL_VERTICAL vertical federated learning; the reference's example writes sql in small letters. */
            result_type?: string | null;
            /** @description When the instance ended. */
            finish_time?: components["schemas"]["Timestamp"];
        };
        /** @description A page of instances of the agent. */
        AgentInstanceRowList: {
            /** @description How many instances there are in all. */
            total?: components["schemas"]["Count"];
            /** @description The instances of this page. */
            lists?: components["schemas"]["AgentInstanceRow"][];
        };
        /** @description An instance that ran on the agent. */
        AgentInstanceRow: {
            /** @description Id of the agent. */
            node_id?: string | null;
            /** @description Id of the instance. */
            id?: string | null;
            /** @description Id of the job; equal to the instance's id in the reference's example. */
            job_id?: string | null;
            /** @description Kind of the instance. SQL multi-party computation, HFL horizontal learning; of vertical learning VFL_TRAIN training, VFL_EVALUATE evaluation, VFL_PREDICT prediction, VFL_ID_TRUNCATION coarse selection of samples, VFL_FEATURE_SELECTION feature selection, VFL_SAMPLE_ALIGNMENT sample alignment; PIR_SQL a private query. */
            job_ins_type?: string | null;
            /** @description Name of the job. */
            job_name?: string | null;
            /** @description When the instance was created. */
            create_time?: components["schemas"]["Timestamp"];
            /** @description How many rounds the job runs in all. */
            round_id?: number | null;
        };
        /** @description The decision on a notice. */
        ReviewNoticeRequest: {
            /**
             * @description PASS to agree, REJECT to refuse.
             * @enum {string}
             */
            approval_status: "PASS" | "REJECT";
            /** @description Why. */
            approval_msg?: string;
        };
        /** @description A page of approval notices. */
        ApprovalNoticeRowList: {
            /** @description How many notices there are in all. */
            total?: components["schemas"]["Count"];
            /** @description The notices of this page. */
            lists?: components["schemas"]["ApprovalNoticeRow"][];
        };
        /** @description A notice addressed to the agent. */
        ApprovalNoticeRow: {
            /** @description Id of the notice. */
            id?: string | null;
            /** @description What the notice is about. DATASET_USE_APPROVAL somebody's job wants to use the agent's datasets. */
            notice_type?: string | null;
            /** @description Alias of the partner who caused the notice. */
            creator_partner_alias?: string | null;
            /** @description State of the notice. OPEN it waits for a decision, DONE it was decided, REVOKED it was withdrawn. */
            notice_status?: string | null;
            /** @description When the notice was created. */
            create_time?: components["schemas"]["Timestamp"];
            /** @description When the notice was decided; null while it is open. */
            handle_time?: components["schemas"]["Timestamp"];
        };
        /** @description What a notice asks for, and the decision. */
        ApprovalNotice: {
            /** @description What is to be approved: the sub-queries of the SQL job that read from this agent, joined by commas and ending in one. */
            content?: string | null;
            /** @description Names of the datasets those sub-queries read, joined by commas. */
            datasets?: string | null;
            /** @description Alias of the partner who created the job. */
            job_creator_alias?: string | null;
            /** @description What the reviewer remarked, for example why the job was rejected. */
            approval_msg?: string | null;
            /** @description How the fields are used, a list of objects with `dataset_name`, `field_name`, `field_type` (the privacy class), `is_show_in_final_select` (whether the result shows it), `func_desc` (functions applied to it, / for none) and `encrypt_protect_type` (for example INTERNATION_ENCRYPT). */
            field_detail?: components["schemas"]["JsonText"];
            /** @description What the analysis of the privacy rules found; may be empty. */
            privacy_detail?: string | null;
            /** @description What the convergence check found; may be empty. */
            converge_detail?: string | null;
            /** @description The decision. NEW not yet asked for, APPROVING pending, PASS agreed, REJECT refused. */
            approval_status?: string | null;
        };
        /** @description The columns of a published dataset and their privacy. */
        DatasetPrivacy: {
            /** @description What the owner says of the dataset. */
            description?: string | null;
            /** @description The columns. */
            privacies?: components["schemas"]["DatasetPrivacyColumn"][];
        };
        /** @description One column of a published dataset. */
        DatasetPrivacyColumn: {
            /** @description What the owner says of the column. */
            comments?: string | null;
            /** @description Name of the column. */
            column_name?: string | null;
            /** @description Type of the column's values, in the data source's own words, such as DECIMAL. */
            data_type?: string | null;
            /** @description How private values are treated. NONE leaves them as they are, HASH hashes them, MASK masks them. */
            privacy_policy_type?: string | null;
            /** @description Whether private values are treated at all. NONE (the default) does not, ANONYMIZE does. */
            privacy_policy?: string | null;
            /** @description Privacy class of the column in SQL jobs. UNIQUE_ID identifies a record, SENSITIVE is secret, NON_SENSITIVE is not. */
            sql_col_privacy_type?: string | null;
            /** @description What the column is to learning jobs. UNIQUE_ID identifies a record, FEATURE is learned from, LABEL is learned, FILTER selects records. */
            fl_label_type?: string | null;
        };
        /** @description The usable datasets of a league, grouped by partner. */
        AvailableDatasetGroupList: {
            /** @description How many groups, that is partners, there are. */
            total?: components["schemas"]["Count"];
            /** @description The groups. */
            lists?: components["schemas"]["AvailableDatasetGroup"][];
        };
        /** @description The usable datasets of one partner. */
        AvailableDatasetGroup: {
            /** @description The partner's datasets; empty when none fits. The name is singular, the value a list. */
            dataset?: components["schemas"]["AvailableDatasetRow"][];
            /** @description Alias of the partner in the league. */
            partner_domain_alias?: string | null;
        };
        /** @description A dataset that a job can use. */
        AvailableDatasetRow: {
            /** @description Id of the dataset. */
            id?: string | null;
            /** @description Name of the dataset. */
            name?: string | null;
            /** @description Name of the agent that holds the dataset. */
            agent_name?: string | null;
            /** @description Id of the agent that holds the dataset. */
            agent_id?: string | null;
            /** @description Why the dataset cannot be used; NONE when it can. No other word is known. */
            dataset_invalid_type?: string | null;
            /** @description Whether the dataset has a label column. */
            label_dataset?: components["schemas"]["Flag"];
            /** @description Name of the label column, if there is one. */
            label_word?: string | null;
            /** @description Name of the column that identifies a record, if there is one. */
            unique_column_name?: string | null;
            /** @description Whether a file of aligned sample ids exists for the dataset. */
            has_align_id_file?: components["schemas"]["Flag"];
        };
        /** @description A new SQL job. */
        CreateSqlJobRequest: {
            /** @description Name of the job, without white space at either end and without any of \ / : * ? " < >. */
            name: string;
            /** @description What the job is for. */
            description?: string;
            /** @description The agent that starts the job. */
            agent_id: string;
        };
        /** @description The job that was created. */
        CreatedSqlJob: {
            /** @description Id of the new job. */
            job_id?: string | null;
        };
        /** @description The saved definition of an SQL job, sent as a whole. */
        UpdateSqlJobRequest: {
            /** @description Name of the job, without white space at either end and without any of \ / : * ? " < >. */
            name: string;
            /** @description What the job is for. */
            description?: string;
            /** @description The SQL. Tables are written as the partner's alias and the dataset's name, ALIAS.DATASET. */
            sql_text: string;
            /**
             * @description Approval of the job. NEW has not been submitted, APPROVING waits, APPROVED and REJECTED are decided, REVOKED was withdrawn.
             * @enum {string}
             */
            sql_job_approval_status?: "NEW" | "APPROVING" | "APPROVED" | "REJECTED" | "REVOKED";
            /** @description The approval of each partner that is asked. */
            approval_records?: components["schemas"]["SqlJobApprovalRecordInput"][];
            /** @description Execution settings, a JSON document in a string; `{}` for none. */
            ext?: string;
        };
        /** @description One partner's approval of the job. */
        SqlJobApprovalRecordInput: {
            /** @description The datasets that the approval is about. */
            datasets?: string;
            /** @description The reviewer's remark. */
            comment?: string;
            /** @description Alias of the partner that is asked. */
            approval_partner_alias: string;
            /**
             * @description The partner's decision. NEW has not been asked, APPROVING is being asked, APPROVED and REJECTED are decided, REVOKED was withdrawn.
             * @enum {string}
             */
            approval_status: "NEW" | "APPROVING" | "APPROVED" | "REJECTED" | "REVOKED";
        };
        /** @description An SQL job in full. */
        SqlJobDetail: {
            /** @description Name of the job. */
            name?: string | null;
            /** @description What the job is for. */
            description?: string | null;
            /** @description The SQL. */
            sql_text?: string | null;
            /** @description Approval of the job. NEW has not been submitted, APPROVING waits, APPROVED and REJECTED are decided, REVOKED was withdrawn. */
            sql_job_approval_status?: string | null;
            /** @description The approval of each partner that is asked. */
            approval_records?: components["schemas"]["SqlJobApprovalRecord"][];
            /** @description Execution settings. */
            ext?: components["schemas"]["JsonText"];
        };
        /** @description One partner's approval of an SQL job. */
        SqlJobApprovalRecord: {
            /** @description The datasets that the approval is about. */
            datasets?: string | null;
            /** @description The reviewer's remark. */
            comment?: string | null;
            /** @description Alias of the partner that is asked. */
            approval_partner_alias?: string | null;
            /** @description The partner's decision. NEW has not been asked, APPROVING is being asked, APPROVED and REJECTED are decided, REVOKED was withdrawn. */
            approval_status?: string | null;
        };
        /** @description A page of SQL jobs. */
        SqlJobRowList: {
            /** @description How many SQL jobs match. */
            total?: components["schemas"]["Count"];
            /** @description The jobs of this page. */
            lists?: components["schemas"]["SqlJobRow"][];
        };
        /** @description An SQL job in a list. */
        SqlJobRow: {
            /** @description Id of the job. */
            id?: string | null;
            /** @description Name of the job. */
            name?: string | null;
            /** @description What the job is for. */
            description?: string | null;
            /** @description Whether the job has been deleted. */
            deleted?: components["schemas"]["Flag"];
            /** @description Type of the job. SQL is SQL analysis, HFL horizontal and VFL vertical federated learning, PREDICT federated prediction, DATA_EXCHANGE an exchange of data. */
            job_type?: string | null;
            /** @description Id of the account (domain) of the partner that started the job. */
            domain_id?: string | null;
            /** @description Id of the job's league. */
            league_id?: string | null;
            /** @description Id of the user who created the job. */
            creator_id?: string | null;
            /** @description Name of the user who created the job. */
            creator_name?: string | null;
            /** @description When the job was created. */
            create_time?: components["schemas"]["Timestamp"];
            /** @description Id of the user who changed the job last. */
            update_user_id?: string | null;
            /** @description Name of the user who changed the job last. */
            update_user_name?: string | null;
            /** @description When the job was changed last. */
            update_time?: components["schemas"]["Timestamp"];
            /** @description Approval of the job. NEW has not been submitted, APPROVING waits, APPROVED and REJECTED are decided, REVOKED was withdrawn. */
            approval_status?: string | null;
        };
        /** @description The run that was started. */
        StartedSqlJobInstance: {
            /** @description Id of the new instance. */
            job_instance_id?: string | null;
        };
        /** @description A page of prediction jobs. */
        PredictionJobRowList: {
            /** @description How many prediction jobs match. */
            total?: components["schemas"]["Count"];
            /** @description The jobs of this page. */
            lists?: components["schemas"]["PredictionJobRow"][];
        };
        /** @description A federated prediction job in a list. */
        PredictionJobRow: {
            /** @description What the job is for. */
            description?: string | null;
            /** @description Rounds of training; not set for a prediction. */
            round?: number | null;
            /** @description Epochs in each round of training; not set for a prediction. */
            epoch?: number | null;
            /** @description Id of the job. */
            job_id?: string | null;
            /** @description Name of the job. */
            job_name?: string | null;
            /** @description Type of the job. SQL is SQL analysis, HFL horizontal and VFL vertical federated learning, PREDICT federated prediction, DATA_EXCHANGE an exchange of data. */
            job_type?: string | null;
            /** @description Name of the user who created the job. The same as creatorName, which the reference's table writes. */
            creator_name?: string | null;
            /** @description Name of the user who created the job. The same as creator_name, which is on the wire. */
            creatorName?: string | null;
            /** @description When the job was created. */
            create_time?: components["schemas"]["Timestamp"];
            /** @description Kind of a horizontal job. TRAIN trains a model, EVALUATE measures one. */
            hfl_type?: string | null;
            /** @description Where a horizontal job runs. LOCAL is the agent itself, MODEL_ARTS the ModelArts service. */
            hfl_platform_type?: string | null;
            /** @description Algorithm of a vertical job. XG_BOOST is XGBoost, LIGHT_BGM is LightGBM, LOGISTIC_REGRESSION logistic regression, NEURAL_NETWORK a neural network, FIBINET FiBiNET. */
            algorithm_type?: string | null;
            /** @description Learning rate of a vertical job. */
            learning_rate?: components["schemas"]["Decimal"];
            /** @description Task of a vertical job. CLASSIFICATION sorts into classes, REGRESSION fits numbers. */
            learning_task_type?: string | null;
            /** @description Settings of the job. Keys seen are tree_num, batch_size, label_agent, epoch, datasets (a comma list of agentId.dataset.alias), label, predict_threshold, features, instance_id (the model), tree_depth, label_dataset, learning_rate, job_creation_agent and split_num. */
            ext?: components["schemas"]["JsonText"];
            /** @description Whether one partner predicts alone; otherwise both take part. */
            is_single_predict?: components["schemas"]["Flag"];
        };
        /** @description A page of models. */
        ModelRowList: {
            /** @description How many models match. */
            total?: components["schemas"]["Count"];
            /** @description The models of this page. */
            lists?: components["schemas"]["ModelRow"][];
        };
        /** @description A model, that is a successful instance of a training job. */
        ModelRow: {
            /** @description Id of the instance. */
            id?: string | null;
            /** @description Run status of the instance. NEW, SUBMITING, ACCEPTED, DEPLOYING, PENDING, RUNNING and TERMINATING go on, SUCCEEDED, FAILED and TERMINATED are final. SUBMITING is spelled so. */
            status?: string | null;
            /** @description Settings that the instance ran with; more than the 512 characters the reference allows are seen. */
            ext?: components["schemas"]["JsonText"];
            /** @description Name of the instance's job. The job's id is not told. */
            job_name?: string | null;
            /** @description Type of the instance. SQL is a run of an SQL job, HFL of a horizontal job, VFL_TRAIN, VFL_EVALUATE and VFL_PREDICT train, measure and use a vertical model, VFL_ID_TRUNCATION truncates ids, VFL_FEATURE_SELECTION selects features, VFL_SAMPLE_ALIGNMENT aligns samples, PIR_SQL retrieves privately. */
            job_instance_type?: string | null;
            /** @description How many rounds the instance has in all. */
            round_id?: number | null;
            /** @description When the instance started. */
            start_time?: components["schemas"]["Timestamp"];
            /** @description When the instance ended. */
            end_time?: components["schemas"]["Timestamp"];
            /** @description Short result. A bare number such as "7" for SQL, metrics (round, recall, precision, ks, accuracy, f1, auc) for training, as a JSON document in a string or as the object itself; may be empty. */
            result_ext?: components["schemas"]["JsonText"];
            /** @description Aliases of the partners that take part, separated by commas. */
            job_partner?: string | null;
            /** @description Whether one partner predicts alone; otherwise both take part. */
            is_single_predict?: components["schemas"]["Flag"];
            /** @description Metrics of the model, a JSON document in a string. */
            metrics?: components["schemas"]["JsonText"];
        };
        /** @description The run status of an instance. */
        InstanceStatus: {
            /** @description Run status of the instance. NEW, SUBMITING, ACCEPTED, DEPLOYING, PENDING, RUNNING and TERMINATING go on, SUCCEEDED, FAILED and TERMINATED are final. SUBMITING is spelled so. */
            job_instance_status?: string | null;
        };
        /** @description What a learning instance has made. */
        InstanceResult: {
            /** @description Metrics of the result. Keys seen are round, recall, precision, ks, accuracy, f1 and auc. */
            ext?: components["schemas"]["JsonText"];
            /** @description Id of the instance. */
            job_ins_id?: string | null;
            /** @description Id of the instance's job. */
            job_id?: string | null;
            /** @description Id of the agent that stores the result; several are separated by commas. */
            result_storage_agent_id?: string | null;
            /** @description Name of the agent that stores the result; several are separated by commas. */
            result_storage_agent_name?: string | null;
            /** @description Name of the region that the result is in. */
            result_storage_region_name?: string | null;
            /** @description Where the result is, a path in OBS or a local file. */
            obs_path?: string | null;
            /** @description Counters of the run by name. JOB_OUT_RECORD_CNT counts the records put out. */
            counter_map?: {
                [key: string]: components["schemas"]["Count"];
            } | null;
        };
        /** @description Why an instance failed. */
        InstanceError: {
            /** @description Text of the exception. */
            error_info?: string | null;
        };
        /** @description A page of instances. */
        LeagueInstanceRowList: {
            /** @description How many instances match. */
            total?: components["schemas"]["Count"];
            /** @description The instances of this page. */
            lists?: components["schemas"]["LeagueInstanceRow"][];
        };
        /** @description An instance in the list of a league or of a job. */
        LeagueInstanceRow: {
            /** @description Id of the instance. */
            id?: string | null;
            /** @description Run status of the instance. NEW, SUBMITING, ACCEPTED, DEPLOYING, PENDING, RUNNING and TERMINATING go on, SUCCEEDED, FAILED and TERMINATED are final. SUBMITING is spelled so. */
            status?: string | null;
            /** @description Settings that the instance ran with; more than the 512 characters the reference allows are seen. */
            ext?: components["schemas"]["JsonText"];
            /** @description Name of the instance's job. The job's id is not told. */
            job_name?: string | null;
            /** @description Type of the instance. SQL is a run of an SQL job, HFL of a horizontal job, VFL_TRAIN, VFL_EVALUATE and VFL_PREDICT train, measure and use a vertical model, VFL_ID_TRUNCATION truncates ids, VFL_FEATURE_SELECTION selects features, VFL_SAMPLE_ALIGNMENT aligns samples, PIR_SQL retrieves privately. */
            job_instance_type?: string | null;
            /** @description How many rounds the instance has in all. */
            round_id?: number | null;
            /** @description When the instance started. */
            start_time?: components["schemas"]["Timestamp"];
            /** @description When the instance ended. */
            end_time?: components["schemas"]["Timestamp"];
            /** @description Short result. A bare number such as "7" for SQL, metrics (round, recall, precision, ks, accuracy, f1, auc) for training, as a JSON document in a string or as the object itself; may be empty. */
            result_ext?: components["schemas"]["JsonText"];
            /** @description Aliases of the partners that take part, separated by commas. */
            job_partner?: string | null;
            /** @description Whether one partner predicts alone; otherwise both take part. */
            is_single_predict?: components["schemas"]["Flag"];
            /** @description Metrics of the model, a JSON document in a string. */
            metrics?: components["schemas"]["JsonText"];
        };
        /** @description The job that was created. */
        CreatedFlJob: {
            /** @description Id of the new job. */
            job_id?: string | null;
        };
        /** @description The instance, one run of the job, that was started. */
        StartedLearningInstance: {
            /** @description Id of the new instance, at most 32 characters. */
            job_instance_id?: string | null;
        };
        /** @description Federated learning jobs, one stretch of the whole list. */
        FlJobRowList: {
            /** @description How many jobs there are in all. */
            total?: components["schemas"]["Count"];
            /** @description The jobs of this stretch, at most 100. */
            lists?: components["schemas"]["FlJobRow"][];
        };
        /** @description A federated learning job as the agent's list shows it. */
        FlJobRow: {
            /** @description What the job is for. */
            description?: string | null;
            /** @description Rounds of training of a horizontal job. Stands only in the reference's example. */
            round?: number | null;
            /** @description Epochs, passes over the data. Stands only in the reference's example. */
            epoch?: number | null;
            /** @description Id of the job. */
            job_id?: string | null;
            /** @description Name of the job. */
            job_name?: string | null;
            /** @description Kind of job: SQL (joint SQL analysis), HFL (horizontal learning), VFL (vertical learning), PREDICT (federated prediction), DATA_EXCHANGE (exchange of data). */
            job_type?: string | null;
            /** @description Who created the job. */
            creator_name?: string | null;
            /** @description When the job was created. */
            create_time?: components["schemas"]["Timestamp"];
            /** @description What a horizontal job does, TRAIN (training) or EVALUATE (evaluation). Set for vertical jobs too. */
            hfl_type?: string | null;
            /** @description Where a horizontal job runs, LOCAL (on the agents) or MODEL_ARTS (ModelArts). */
            hfl_platform_type?: string | null;
            /** @description Learning rate of a vertical job. */
            learning_rate?: components["schemas"]["Decimal"];
            /** @description Algorithm of a vertical job: XG_BOOST (XGBoost), LIGHT_BGM (LightGBM), LOGISTIC_REGRESSION, NEURAL_NETWORK or FIBINET (FiBiNET). */
            algorithm_type?: string | null;
            /** @description What a vertical job learns, CLASSIFICATION (number 1) or REGRESSION (number 2). */
            learning_task_type?: string | null;
            /** @description Further settings of the job. */
            ext?: components["schemas"]["JsonText"];
            /** @description Whether prediction is done by one partner alone (true) or by both. */
            is_single_predict?: components["schemas"]["Flag"];
        };
        /** @description The settings of a horizontal job. */
        HorizontalJobDetail: {
            /** @description What the job is for, at most 512 characters. */
            description?: string | null;
            /** @description Rounds of training, 1 to 1000. */
            round?: number | null;
            /** @description Epochs within a round, 1 to 1000. */
            epoch?: number | null;
            /** @description The datasets, separated by commas, each `alias.dataset` with the alias of its partner. */
            datasets?: string | null;
            /** @description Further settings of the job, such as parameters of the script. */
            ext?: components["schemas"]["JsonText"];
            /** @description Name of the job. */
            job_name?: string | null;
            /** @description What the job does, TRAIN (training) or EVALUATE (evaluation). */
            hfl_type?: string | null;
            /** @description Where the job runs, LOCAL (on the agents) or MODEL_ARTS (ModelArts). */
            hfl_platform_type?: string | null;
            /** @description Id of the initiating agent; may hold several ids, separated by commas. */
            host_agent_id?: string | null;
            /** @description Name of the initiating agent; may hold several names, separated by commas. */
            host_agent_name?: string | null;
            /** @description Path of the training script. */
            boot_file_url?: string | null;
            /** @description Path of the model. */
            model_file_url?: string | null;
            /** @description Id of the engine. */
            engine_id?: string | null;
            /** @description Id of the resource specification. */
            spec_id?: string | null;
            /** @description Path of the initial weights. */
            initial_weight_url?: string | null;
            /** @description Name of the dataset for evaluation. */
            eval_dataset_name?: string | null;
        };
        /** @description The settings of a vertical job. */
        VerticalJobDetail: {
            /** @description What the job is for, at most 512 characters. */
            description?: string | null;
            /** @description The datasets, separated by commas, each `agentId.dataset.alias` with the alias of its partner. */
            datasets?: string | null;
            /** @description The features chosen from each dataset. */
            features?: components["schemas"]["VerticalJobDatasetFeatures"][];
            /** @description Name of the label column. */
            label?: string | null;
            /** @description Epochs of logistic regression, at least 1. */
            epoch?: number | null;
            /** @description Name of the job. */
            job_name?: string | null;
            /** @description Algorithm: XG_BOOST (XGBoost), LIGHT_BGM (LightGBM), LOGISTIC_REGRESSION, NEURAL_NETWORK or FIBINET (FiBiNET). */
            algorithm_type?: string | null;
            /** @description The step the job has come to: DATA_SELECTION (choosing the data), SAMPLE_ALIGNMENT (aligning samples), FEATURE_SELECTION (choosing features), MODEL_TRAIN (training), MODEL_EVALUATION (evaluation) or MODEL_PREDICT (prediction). */
            work_step?: string | null;
            /** @description Learning rate. */
            learning_rate?: components["schemas"]["Decimal"];
            /** @description Name of the dataset that has the label. */
            label_dataset?: string | null;
            /** @description Id of the agent that has the label. */
            label_agent?: string | null;
            /** @description Batch size of logistic regression, at least 1. */
            batch_size?: number | null;
            /** @description Gradient below which logistic regression counts as converged. */
            grad_epsilon?: components["schemas"]["Decimal"];
            /** @description Number of trees of XGBoost. */
            tree_num?: number | null;
            /** @description Depth of the trees of XGBoost. */
            tree_depth?: number | null;
            /** @description Number of split points of XGBoost. */
            split_num?: number | null;
            /** @description Id of the initiating agent. */
            current_agent_id?: string | null;
            /** @description What the job learns, CLASSIFICATION (number 1) or REGRESSION (number 2). */
            learning_task_type?: string | null;
            /** @description Probability from which a prediction counts as positive. */
            predict_threshold?: components["schemas"]["Decimal"];
            /** @description Whether prediction is done by one partner alone (true) or by both. */
            is_single_predict?: components["schemas"]["Flag"];
        };
        /** @description The features of one dataset that a vertical job uses. */
        VerticalJobDatasetFeatures: {
            /** @description Id of the agent the dataset belongs to. */
            agent_id?: string | null;
            /** @description Name of the dataset. */
            dataset_name?: string | null;
            /** @description Names of the chosen feature columns. */
            features?: string[];
        };
        /** @description The string without a name that the reference declares as the answer to saving a vertical job. */
        SavedVerticalJobText: string | null;
        /** @description How a feature selection of a vertical job went. */
        FeatureSelectionResult: {
            /** @description Id of the instance that selected the features. */
            instance_id?: string | null;
            /** @description How values were put into bins, DISTANCE (bins of equal width) or FREQUENCY (bins of equal count). */
            binning_type?: string | null;
            /** @description Status of the feature selection. NEW, SUBMITING (spelt so), ACCEPTED, DEPLOYING, PENDING, RUNNING and TERMINATING are on the way; SUCCEEDED, FAILED and TERMINATED are final. */
            fs_status?: string | null;
            /** @description Result of the feature selection; "1", "7", an empty string, null, or a document. */
            result_ext?: components["schemas"]["JsonText"];
        };
        /** @description How a sample alignment of a vertical job went. */
        SampleAlignmentResult: {
            /** @description The aligned datasets, separated by commas, each `alias.dataset` with the alias of its partner. */
            datasets?: string | null;
            /** @description Id of the instance that aligned the samples. */
            instance_id?: string | null;
            /** @description Type of the instance, here VFL_SAMPLE_ALIGNMENT. The others: SQL, HFL, VFL_TRAIN (training), VFL_EVALUATE (evaluation), VFL_PREDICT (prediction), VFL_ID_TRUNCATION (id truncation), VFL_FEATURE_SELECTION (feature selection), PIR_SQL (private retrieval). */
            job_instance_type?: string | null;
            /** @description Status of the sample alignment. NEW, SUBMITING (spelt so), ACCEPTED, DEPLOYING, PENDING, RUNNING and TERMINATING are on the way; SUCCEEDED, FAILED and TERMINATED are final. */
            sa_status?: string | null;
            /** @description How many samples the datasets have in common. */
            data_count?: components["schemas"]["Count"];
            /** @description Path of the file of aligned ids, in OBS or on the agent. */
            obs_path?: string | null;
            /** @description When the alignment started. */
            start_time?: components["schemas"]["Timestamp"];
            /** @description When the alignment ended. */
            end_time?: components["schemas"]["Timestamp"];
            /** @description Result of the alignment; "1", "7", an empty string, null, or a document. */
            result_ext?: components["schemas"]["JsonText"];
        };
        /** @description A decimal number in a request, as a number or as digits. */
        LearningDecimal: number | string;
        /** @description A decimal number from 0 to 1 in a request, as a number or as digits. */
        LearningFraction: number | string;
        /** @description A whole number in a request, as a number or as digits. */
        LearningCount: number | string;
        /** @description The features of one dataset that a vertical job is to use. */
        DatasetFeaturesInput: {
            /** @description Id of the agent the dataset belongs to. */
            agent_id: string;
            /** @description Name of the dataset. */
            dataset_name: string;
            /** @description Names of the chosen feature columns. */
            features: string[];
        };
        /** @description A federated learning job to create. */
        CreateFlJobRequest: {
            /** @description Name of the job. No blank at either end, none of \ / : * ? " < >. */
            name: string;
            /** @description What the job is for. */
            description?: string;
            /**
             * @description What the job does, TRAIN (training) or EVALUATE (evaluation).
             * @enum {string}
             */
            hfl_type?: "TRAIN" | "EVALUATE";
            /**
             * @description Where a horizontal job runs, LOCAL (on the agents) or MODEL_ARTS (ModelArts).
             * @enum {string}
             */
            hfl_platform_type?: "LOCAL" | "MODEL_ARTS";
            /** @description Id of the initiating agent. */
            agent_id: string;
            /**
             * @description Algorithm of a vertical job.
             * @enum {string}
             */
            algorithm_type?: "XG_BOOST" | "LIGHT_BGM" | "LOGISTIC_REGRESSION" | "NEURAL_NETWORK" | "FIBINET";
            /**
             * @description Kind of job, HFL (horizontal) or VFL (vertical).
             * @enum {string}
             */
            job_type: "HFL" | "VFL";
            /**
             * @description What a vertical job is to learn.
             * @enum {string}
             */
            learning_task_type?: "CLASSIFICATION" | "REGRESSION";
            /** @description Id of the model, which is the id of the training instance that made it. */
            job_instance_id?: string;
            /** @description Id of the agent that has the label. */
            train_label_agent?: string;
        };
        /** @description The settings of a horizontal job. */
        UpdateHorizontalJobRequest: {
            /** @description What the job is for. */
            description?: string;
            /** @description Rounds of training. */
            round: number;
            /** @description Epochs within a round. */
            epoch: number;
            /** @description The datasets, separated by commas, each `alias.dataset` with the alias of its partner. */
            datasets: string;
            /** @description Further settings of the job, such as parameters of the script; JSON in a string. */
            ext?: string;
            /** @description Name of the job. No blank at either end, none of \ / : * ? " < >. */
            job_name: string;
            /**
             * @description What the job does, TRAIN (training) or EVALUATE (evaluation).
             * @enum {string}
             */
            hfl_type: "TRAIN" | "EVALUATE";
            /**
             * @description Where the job runs, LOCAL (on the agents) or MODEL_ARTS (ModelArts).
             * @enum {string}
             */
            hfl_platform_type: "LOCAL" | "MODEL_ARTS";
            /** @description Id of the initiating agent. */
            host_agent_id: string;
            /** @description Name of the initiating agent. */
            host_agent_name: string;
            /** @description Path of the training script. */
            boot_file_url: string;
            /** @description Path of the model. */
            model_file_url: string;
            /** @description Id of the engine. */
            engine_id?: string;
            /** @description Id of the resource specification. */
            spec_id?: string;
            /** @description Path of the initial weights. */
            initial_weight_url?: string;
            /** @description Name of the dataset for evaluation. No blank at either end, none of \ / : * ? " < >. */
            eval_dataset_name?: string;
        };
        /** @description The settings of a vertical job. */
        UpdateVerticalJobRequest: {
            /** @description What the job is for. */
            description?: string;
            /** @description The datasets, separated by commas, each `agentId.dataset.alias` with the alias of its partner. */
            datasets?: string;
            /** @description The features chosen from each dataset. */
            features?: components["schemas"]["DatasetFeaturesInput"][];
            /** @description Name of the label column. */
            label?: string;
            /** @description Epochs of logistic regression. */
            epoch?: number;
            /** @description Name of the job. No blank at either end, none of \ / : * ? " < >. */
            job_name: string;
            /**
             * @description Algorithm of the job.
             * @enum {string}
             */
            algorithm_type: "XG_BOOST" | "LIGHT_BGM" | "LOGISTIC_REGRESSION" | "NEURAL_NETWORK" | "FIBINET";
            /**
             * @description The step the job has come to.
             * @enum {string}
             */
            work_step?: "DATA_SELECTION" | "SAMPLE_ALIGNMENT" | "FEATURE_SELECTION" | "MODEL_TRAIN" | "MODEL_EVALUATION" | "MODEL_PREDICT";
            /** @description Learning rate, as digits. */
            learning_rate?: string;
            /** @description Name of the dataset that has the label. */
            label_dataset?: string;
            /** @description Id of the agent that has the label. */
            label_agent?: string;
            /** @description Batch size of logistic regression. */
            batch_size?: number;
            /** @description Gradient below which logistic regression counts as converged, as digits. */
            grad_epsilon?: string | null;
            /** @description Number of trees of XGBoost. */
            tree_num?: number;
            /** @description Depth of the trees of XGBoost. */
            tree_depth?: number;
            /** @description Number of split points of XGBoost. */
            split_num?: number;
            /** @description Id of the initiating agent. */
            current_agent_id?: string;
            /** @description Ids of the agents that take part, separated by commas. */
            host_agent_id?: string;
            /** @description Names of the agents that take part, separated by commas, in the order of `host_agent_id`. */
            host_agent_name?: string;
            /**
             * @description What the job is to learn.
             * @enum {string}
             */
            learning_task_type?: "CLASSIFICATION" | "REGRESSION";
            /** @description Probability from which a prediction counts as positive, as digits. */
            predict_threshold?: string;
            /** @description Whether prediction is done by one partner alone (true) or by both. */
            is_single_predict?: boolean;
        };
        /** @description Parameters of the model of a vertical job. */
        VerticalModelParameters: {
            /** @description Probability from which a prediction counts as positive, 0 to 1. */
            predict_threshold?: components["schemas"]["LearningFraction"];
            /** @description Learning rate, 0 to 1. */
            learning_rate?: components["schemas"]["LearningFraction"];
            /** @description Batch size. */
            batch_size?: number;
            /** @description Epochs, passes over the data. */
            epoch?: number;
            /** @description Number of trees. */
            tree_num?: number;
            /** @description Depth of the trees. */
            tree_depth?: number;
            /** @description Number of split points. */
            split_num?: number;
            /** @description Dimensions of the embedding of discrete features. */
            discrete_embedding_size?: number;
            /** @description Dimensions of the embedding of multi-hot features. */
            multihot_embedding_size?: number;
            /** @description Number of nodes of each layer of the multilayer perceptron. */
            mlp_dims?: number[];
            /** @description How strongly the SENet layer compresses. */
            reduction_ratio?: number;
            /** @description Format in which the model is saved. */
            save_format?: string;
            /** @description Loss function. */
            loss_function?: string;
            /** @description Parameters of the loss function; JSON in a string. */
            loss_param?: string;
        };
        /** @description Settings of differential privacy for one run of a vertical job. The dots are part of the names. */
        VerticalExternalParameters: {
            /** @description Whether differential privacy is used. */
            "dp.enabled"?: boolean;
            /** @description Privacy budget. */
            "dp.epsilon"?: components["schemas"]["LearningDecimal"];
            /** @description Least value of the upper threshold of outputs. */
            "dp.output.threshold.high.min"?: components["schemas"]["LearningDecimal"];
            /** @description Greatest value of the upper threshold of outputs. */
            "dp.output.threshold.high.max"?: components["schemas"]["LearningDecimal"];
            /** @description Least value of the lower threshold of outputs. */
            "dp.output.threshold.low.min"?: components["schemas"]["LearningDecimal"];
            /** @description Greatest value of the lower threshold of outputs. */
            "dp.output.threshold.low.max"?: components["schemas"]["LearningDecimal"];
            /** @description For how many records back-propagation descends along the original outputs. */
            "dp.backpg.origin.num"?: components["schemas"]["LearningCount"];
            /** @description After how many records the thresholds are adjusted. */
            "dp.output.threshold.adjust.num"?: components["schemas"]["LearningCount"];
            /**
             * @description How the partner with the label stores what it fills back: 0 (does not fill back), 1 (in memory, the default), 2 (on disk).
             * @enum {string}
             */
            "dp.supply.store.policy"?: "0" | "1" | "2";
        };
        /** @description The settings of differential privacy, all of them. The dots are part of the names. */
        RequiredVerticalExternalParameters: {
            /** @description Whether differential privacy is used. */
            "dp.enabled": boolean;
            /** @description Privacy budget. */
            "dp.epsilon": components["schemas"]["LearningDecimal"];
            /** @description Least value of the upper threshold of outputs. */
            "dp.output.threshold.high.min": components["schemas"]["LearningDecimal"];
            /** @description Greatest value of the upper threshold of outputs. */
            "dp.output.threshold.high.max": components["schemas"]["LearningDecimal"];
            /** @description Least value of the lower threshold of outputs. */
            "dp.output.threshold.low.min": components["schemas"]["LearningDecimal"];
            /** @description Greatest value of the lower threshold of outputs. */
            "dp.output.threshold.low.max": components["schemas"]["LearningDecimal"];
            /** @description For how many records back-propagation descends along the original outputs. */
            "dp.backpg.origin.num": components["schemas"]["LearningCount"];
            /** @description After how many records the thresholds are adjusted. */
            "dp.output.threshold.adjust.num": components["schemas"]["LearningCount"];
            /**
             * @description How the partner with the label stores what it fills back: 0 (does not fill back), 1 (in memory, the default), 2 (on disk).
             * @enum {string}
             */
            "dp.supply.store.policy": "0" | "1" | "2";
        };
        /** @description One run of a vertical job. */
        ExecuteVerticalJobRequest: {
            /** @description Id of an instance. The reference does not say which; the training instance, where a model is used. */
            instance_id?: string;
            /**
             * @description What the run is to do, VFL_TRAIN for training.
             * @enum {string}
             */
            job_instance_type: "SQL" | "HFL" | "VFL_TRAIN" | "VFL_EVALUATE" | "VFL_ID_TRUNCATION" | "VFL_FEATURE_SELECTION" | "VFL_SAMPLE_ALIGNMENT" | "VFL_PREDICT" | "PIR_SQL";
            /** @description The datasets, separated by commas, each `agentId.dataset.alias` with the alias of its partner. */
            datasets?: string;
            /** @description The features chosen from each dataset. */
            features?: components["schemas"]["DatasetFeaturesInput"][];
            /** @description Name of the dataset that has the label. */
            label_dataset?: string;
            /** @description Name of the label column. */
            label?: string;
            /** @description Id of the agent that has the label. */
            label_agent?: string;
            /** @description Name of the job. No blank at either end, none of \ / : * ? " < >. */
            job_name?: string;
            /**
             * @description How values are put into bins, DISTANCE (bins of equal width) or FREQUENCY (bins of equal count).
             * @enum {string}
             */
            binning_type?: "DISTANCE" | "FREQUENCY";
            /**
             * @description What the job is to learn.
             * @enum {string}
             */
            learning_task_type?: "CLASSIFICATION" | "REGRESSION";
            /** @description Id of the initiating agent. */
            job_creation_agent?: string;
            /** @description Parameters of the model. */
            model_param?: components["schemas"]["VerticalModelParameters"];
            /** @description Settings of differential privacy. Stands only in the reference's example. */
            vfl_external_param?: components["schemas"]["VerticalExternalParameters"];
        };
        /** @description One run of id truncation, the coarse screening of samples. */
        TruncateIdsRequest: {
            /** @description Id of the league, as in the path. Stands only in the reference's example. */
            league_id?: string;
            /** @description Id of the job, as in the path. Stands only in the reference's example. */
            job_id?: string;
            /** @description Id of an instance. The reference does not say which, and its example repeats the job's id here. */
            instance_id?: string;
            /**
             * @description Type of the run, VFL_ID_TRUNCATION.
             * @enum {string}
             */
            job_instance_type: "SQL" | "HFL" | "VFL_TRAIN" | "VFL_EVALUATE" | "VFL_ID_TRUNCATION" | "VFL_FEATURE_SELECTION" | "VFL_SAMPLE_ALIGNMENT" | "VFL_PREDICT" | "PIR_SQL";
            /** @description Names of the datasets. */
            datasets?: string;
            /** @description Name of the dataset that has the label. */
            label_dataset?: string;
            /** @description Id of the agent that has the label. */
            label_agent?: string;
            /** @description Name of the agent that has the label. */
            label_agent_name?: string;
            /** @description Id of the agent without the label. */
            host_agent_id?: string;
            /** @description Name of the agent without the label. */
            host_agent_name?: string;
            /**
             * @description How data is protected: CLEAR_TEXT (not at all), SANDBOX, ARM_TRUST_ZONE, INTEL_SGX_TEE (a trusted execution environment) or MPC (multi-party computation).
             * @enum {string}
             */
            data_protection_type?: "CLEAR_TEXT" | "SANDBOX" | "ARM_TRUST_ZONE" | "INTEL_SGX_TEE" | "MPC";
            /** @description Name of the job. No blank at either end, none of \ / : * ? " < >. */
            job_name?: string;
            /** @description Name of the column that holds the unique id. */
            id_column_name?: string;
            /** @description How many leading characters of the id are used. Stands only in the reference's example. */
            prefix_count?: number;
            /** @description Names of the columns to filter by. */
            filters?: string[];
        };
        /** @description One run of binning and of the calculation of information values. */
        CalculateInformationValueRequest: {
            /** @description The datasets, separated by commas, each `agentId.dataset.alias` with the alias of its partner. */
            datasets: string;
            /** @description The features chosen from each dataset. */
            features?: components["schemas"]["DatasetFeaturesInput"][];
            /** @description Name of the label column. */
            label: string;
            /** @description The features to judge, by `alias.agentId.datasetId.dataset` with the alias of the dataset's partner. */
            featuresList: {
                [key: string]: string[];
            };
            /** @description Id of an instance. The reference does not say which. */
            instance_id?: string;
            /**
             * @description Type of the run, VFL_FEATURE_SELECTION.
             * @enum {string}
             */
            job_instance_type: "SQL" | "HFL" | "VFL_TRAIN" | "VFL_EVALUATE" | "VFL_ID_TRUNCATION" | "VFL_FEATURE_SELECTION" | "VFL_SAMPLE_ALIGNMENT" | "VFL_PREDICT" | "PIR_SQL";
            /** @description Name of the dataset that has the label. */
            label_dataset: string;
            /** @description Id of the agent that has the label. */
            label_agent: string;
            /** @description Name of the job. No blank at either end, none of \ / : * ? " < >. */
            job_name: string;
            /**
             * @description How values are put into bins, DISTANCE (bins of equal width) or FREQUENCY (bins of equal count).
             * @enum {string}
             */
            binning_type: "DISTANCE" | "FREQUENCY";
            /**
             * @description What the job is to learn.
             * @enum {string}
             */
            learning_task_type?: "CLASSIFICATION" | "REGRESSION";
            /** @description Id of the initiating agent. */
            job_creation_agent?: string;
            /** @description Whether prediction is done by one partner alone (true) or by both. */
            is_single_predict?: boolean;
            /** @description Settings of differential privacy. */
            vfl_external_param?: components["schemas"]["RequiredVerticalExternalParameters"];
            /** @description Parameters of the model. */
            model_param?: components["schemas"]["VerticalModelParameters"];
        };
        /** @description One run of sample alignment. */
        AlignSamplesRequest: {
            /** @description Id of the league, as in the path. Stands only in the reference's example. */
            league_id?: string;
            /** @description Id of the job, as in the path. Stands only in the reference's example. */
            job_id?: string;
            /** @description Id of an instance. The reference does not say which. */
            instance_id?: string;
            /**
             * @description Type of the run, VFL_SAMPLE_ALIGNMENT.
             * @enum {string}
             */
            job_instance_type?: "SQL" | "HFL" | "VFL_TRAIN" | "VFL_EVALUATE" | "VFL_ID_TRUNCATION" | "VFL_FEATURE_SELECTION" | "VFL_SAMPLE_ALIGNMENT" | "VFL_PREDICT" | "PIR_SQL";
            /** @description Name of the job. No blank at either end, none of \ / : * ? " < >. */
            job_name?: string;
            /**
             * @description How samples are aligned, OPRF (oblivious pseudo-random function) or SQL_JOIN.
             * @enum {string}
             */
            algorithm?: "OPRF" | "SQL_JOIN";
            /** @description Name of each agent's dataset, by agent id. */
            datasets?: {
                [key: string]: string;
            };
            /** @description The column each agent's dataset is aligned on, by agent id. */
            align_ids?: {
                [key: string]: string;
            };
            /** @description Ids of the agents that take part. */
            agents?: string[];
            /** @description Names of the agents that take part, in the order of `agents`. */
            agent_names?: string[];
            /** @description Ids of the datasets, in the order of `agents`. */
            dataset_ids?: string[];
            /** @description Id of the agent with the larger dataset. */
            large_data_agent?: string;
            /** @description Id of the initiating agent. */
            job_creation_agent?: string;
            /** @description Whether the result is saved encrypted. */
            encrypted_res?: boolean;
            /** @description Resources for the run. */
            external_param?: components["schemas"]["SampleAlignmentExternalParameters"];
        };
        /** @description Resources for one run of sample alignment. The dots are part of the names. */
        SampleAlignmentExternalParameters: {
            /** @description How many aggregator nodes compute. */
            "agg.count"?: number;
            /** @description Memory for the run on the agents. */
            "user.task.memory.size"?: string;
            /** @description Memory for the run on the aggregators of TICS. */
            "tics.task.memory.size"?: string;
            /** @description How many streams a batch has. */
            "stream.count"?: number;
            /** @description Whether homomorphic encryption uses a dictionary. */
            "he.dict.enable"?: boolean;
            /** @description In how many batches files are written. */
            "save.batch.count"?: number;
            /** @description Greatest size of a result file. */
            "max.result.file.size"?: string;
            /** @description Concurrency of the compute nodes of TICS. */
            "tics.task.concurrency"?: number;
            /** @description Concurrency of the agents' data nodes. */
            "user.task.concurrency"?: number;
            /** @description Whether complex SQL is pushed down to the connector. */
            "complex.sql.push.connector"?: boolean;
        };
    };
    responses: {
        /** @description The token is missing, has ended, or is not known. */
        Unauthorized: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "error_code": "TICS_AGENT.10000001",
                 *       "error_msg": "token is invalid"
                 *     }
                 */
                "application/json": components["schemas"]["AgentErrorBody"];
            };
        };
        /** @description Any other refusal or failure, 429 and 503 perhaps with Retry-After. */
        Error: {
            headers: {
                /** @description Seconds to wait, or a date. */
                "Retry-After"?: string;
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "error_code": "TICS_AGENT.10000012",
                 *       "error_msg": "the request could not be carried out"
                 *     }
                 */
                "application/json": components["schemas"]["AgentErrorBody"];
            };
        };
    };
    parameters: {
        /** @description Project the account works in. */
        projectId: string;
        /** @description League. */
        leagueId: string;
        /** @description The agent itself. */
        agentId: string;
        /** @description Job. */
        jobId: string;
        /** @description Instance, one run of a job. */
        instanceId: string;
        /** @description Dataset. */
        datasetId: string;
        /** @description Approval notice. */
        noticeId: string;
        /** @description Connector. */
        connectorId: string;
        /** @description Number of the page, although it is called offset; 0 and 1 are both the first page. */
        pageNumber: number;
        /** @description How many records to leave out. */
        recordOffset: number;
        /** @description How many records to answer with. */
        limit: number;
        /** @description Language of the service's texts. */
        language: "zh-cn" | "en_us";
        /** @description The agent whose view of the job is asked for. */
        requestAgentId: string;
    };
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    createAgentToken: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "user_name": "admin",
                 *       "password": "***"
                 *     }
                 */
                "application/json": components["schemas"]["CreateAgentTokenRequest"];
            };
        };
        responses: {
            /** @description The token, or the refusal of the sign-in, as `status` tells. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "status": 0,
                     *       "data": {
                     *         "token": "dERNZWlSTI****",
                     *         "user_name": "admin",
                     *         "expire_time": "2022-02-26T07:36:33.079+00:00"
                     *       },
                     *       "message": null
                     *     }
                     */
                    "application/json": components["schemas"]["AgentTokenAnswer"];
                };
            };
            401: components["responses"]["Unauthorized"];
            default: components["responses"]["Error"];
        };
    };
    getAgentRuntime: {
        parameters: {
            query?: never;
            header: {
                /** @description Language of the service's texts. */
                "X-Language": components["parameters"]["language"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The agent. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "trusted": "true",
                     *       "status": "ONLINE",
                     *       "agent_id": "5623a01db3b949b89a2b183f69a6e8ef",
                     *       "agent_name": "agent_arm",
                     *       "project_id": "098593b0***004a482da10",
                     *       "league_id": "98fbcc33a1b854c6f8c17c8758061e33b",
                     *       "league_name": "test0331",
                     *       "cluster_type": "IEF",
                     *       "storage_type": "HOST_PATH",
                     *       "cce_vpc_id": "",
                     *       "bcs_enable": "false",
                     *       "bcs_endpoint": ":30603",
                     *       "error_msg": ""
                     *     }
                     */
                    "application/json": components["schemas"]["AgentRuntime"];
                };
            };
            401: components["responses"]["Unauthorized"];
            default: components["responses"]["Error"];
        };
    };
    listConnectors: {
        parameters: {
            query: {
                /** @description Number of the page, although it is called offset; 0 and 1 are both the first page. */
                offset: components["parameters"]["pageNumber"];
                /** @description How many records to answer with. */
                limit: components["parameters"]["limit"];
                /** @description Only connectors of this type. LOCAL serves federated learning, the others multi-party computation. */
                connector_query_type?: "MRS" | "RDS_MYSQL" | "DWS" | "JDBC" | "MYSQL" | "ORACLE" | "LOCAL";
            };
            header: {
                /** @description Language of the service's texts. */
                "X-Language": components["parameters"]["language"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of connectors. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "total": 1,
                     *       "lists": [
                     *         {
                     *           "id": "40f9608dd30b485dbb9d8ebe8cd13b7c",
                     *           "name": "localConnector",
                     *           "status": "NORMAL",
                     *           "connector_type": "LOCAL",
                     *           "auth_type": "PWD",
                     *           "create_time": "2022-04-06T10:25:00.281+00:00",
                     *           "ext_info": {},
                     *           "connector_status": "NORMAL"
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["ConnectorRowList"];
                };
            };
            401: components["responses"]["Unauthorized"];
            default: components["responses"]["Error"];
        };
    };
    saveConnector: {
        parameters: {
            query?: never;
            header: {
                /** @description Language of the service's texts. */
                "X-Language": components["parameters"]["language"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "data_connector": "{\"connector_type\":\"ORACLE\",\"name\":\"oracle\",\"auth_type\":\"PWD\", \"ext_info\":\"{\\\"database_name\\\":\\\"test\\\",\\\"database_ip\\\":\\\"***\\\", \\\"database_port\\\":\\\"8080\\\",\\\"user_name\\\":\\\"tict\\\",\\\"password\\\":\\\"***\\\"}\"}"
                 *     }
                 */
                "multipart/form-data": components["schemas"]["ConnectorForm"];
            };
        };
        responses: {
            /** @description The updated connector. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "name": "rds1",
                     *       "connector_id": "9ddd9df9f50849f9b3fead745f5ce541",
                     *       "connector_type": "RDS_MYSQL",
                     *       "auth_type": "PWD",
                     *       "ext_info": "{\"rds\":\"ea20335038f54ecaafb83e6c26a4d856in01\",\"jdbc_url\":\"jdbc:mysql://*:3306\", \"driver_name\":\"mysql-connector-java-8.0.20.jar\",\"properties\":\"\",\"user_name\":\"admin\", \"password\":\"***\"}"
                     *     }
                     */
                    "application/json": components["schemas"]["SavedConnector"];
                };
            };
            /** @description The new connector. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "name": "rds1",
                     *       "connector_id": "9ddd9df9f50849f9b3fead745f5ce541",
                     *       "connector_type": "RDS_MYSQL",
                     *       "auth_type": "PWD",
                     *       "ext_info": "{\"rds\":\"ea20335038f54ecaafb83e6c26a4d856in01\",\"jdbc_url\":\"jdbc:mysql://*:3306\", \"driver_name\":\"mysql-connector-java-8.0.20.jar\",\"properties\":\"\",\"user_name\":\"admin\", \"password\":\"***\"}"
                     *     }
                     */
                    "application/json": components["schemas"]["SavedConnector"];
                };
            };
            401: components["responses"]["Unauthorized"];
            default: components["responses"]["Error"];
        };
    };
    testConnector: {
        parameters: {
            query?: never;
            header: {
                /** @description Language of the service's texts. */
                "X-Language": components["parameters"]["language"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "data_connector": "{\"connector_type\":\"ORACLE\",\"name\":\"oracle\",\"auth_type\":\"PWD\", \"ext_info\":\"{\\\"database_name\\\":\\\"test\\\",\\\"database_ip\\\":\\\"***\\\", \\\"database_port\\\":\\\"8080\\\",\\\"user_name\\\":\\\"tics\\\",\\\"password\\\":\\\"***\\\"}\"}"
                 *     }
                 */
                "multipart/form-data": components["schemas"]["ConnectorForm"];
            };
        };
        responses: {
            /** @description The settings work. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /** @example true */
                    "application/json": components["schemas"]["Flag"];
                };
            };
            401: components["responses"]["Unauthorized"];
            /** @description The settings do not work, or the uploaded driver cannot be read. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "error_code": "TICS_AGENT.10000012",
                     *       "error_msg": "测试连接失败, 请检查参数或上传文件权限"
                     *     }
                     */
                    "application/json": components["schemas"]["AgentErrorBody"];
                };
            };
            default: components["responses"]["Error"];
        };
    };
    deleteConnector: {
        parameters: {
            query?: never;
            header: {
                /** @description Language of the service's texts. */
                "X-Language": components["parameters"]["language"];
            };
            path: {
                /** @description Connector. */
                connector_id: components["parameters"]["connectorId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The connector is deleted; the body may be empty. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            401: components["responses"]["Unauthorized"];
            default: components["responses"]["Error"];
        };
    };
    listAgentDatasets: {
        parameters: {
            query: {
                /** @description Number of the page, although it is called offset; 0 and 1 are both the first page. */
                offset: components["parameters"]["pageNumber"];
                /** @description How many records to answer with. */
                limit: components["parameters"]["limit"];
            };
            header: {
                /** @description Language of the service's texts. */
                "X-Language": components["parameters"]["language"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of datasets. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "total": 2,
                     *       "lists": [
                     *         {
                     *           "id": "45cd8dc4d2884cb0a73fdd495566aded",
                     *           "name": "dataset1",
                     *           "connector_name": "oracle",
                     *           "data_source": "PARTNER1",
                     *           "table_name": "DEPARTMENT",
                     *           "data_type": "ORACLE",
                     *           "data_pub_status": "PUBLISHED",
                     *           "create_time": "2022-02-18T02:09:58.664+00:00"
                     *         },
                     *         {
                     *           "id": "c016a4976d2d477099a7aa59e96558a7",
                     *           "name": "dataset2",
                     *           "connector_name": "localConnector",
                     *           "data_source": null,
                     *           "table_name": null,
                     *           "data_type": "LOCAL_CSV",
                     *           "data_pub_status": "PUBLISHED",
                     *           "create_time": "2022-02-17T06:49:08.035+00:00"
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["AgentDatasetRowList"];
                };
            };
            401: components["responses"]["Unauthorized"];
            default: components["responses"]["Error"];
        };
    };
    saveDataset: {
        parameters: {
            query?: never;
            header: {
                /** @description Language of the service's texts. */
                "X-Language": components["parameters"]["language"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SaveDatasetRequest"];
            };
        };
        responses: {
            /** @description The dataset is created or updated. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "9c8eb77a731b455cb4183d170fcfc8ff"
                     *     }
                     */
                    "application/json": components["schemas"]["SavedDataset"];
                };
            };
            /** @description The dataset is created. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "9c8eb77a731b455cb4183d170fcfc8ff"
                     *     }
                     */
                    "application/json": components["schemas"]["SavedDataset"];
                };
            };
            401: components["responses"]["Unauthorized"];
            default: components["responses"]["Error"];
        };
    };
    deleteDatasets: {
        parameters: {
            query?: never;
            header: {
                /** @description Language of the service's texts. */
                "X-Language": components["parameters"]["language"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "resource_ids": [
                 *         "1bd73bb795094859bbead5f1b6abcf8"
                 *       ]
                 *     }
                 */
                "application/json": components["schemas"]["DeleteDatasetsRequest"];
            };
        };
        responses: {
            /** @description The datasets are deleted; the body may be empty. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            401: components["responses"]["Unauthorized"];
            default: components["responses"]["Error"];
        };
    };
    getDatasetRegistration: {
        parameters: {
            query?: never;
            header: {
                /** @description Language of the service's texts. */
                "X-Language": components["parameters"]["language"];
            };
            path: {
                /** @description Dataset. */
                dataset_id: components["parameters"]["datasetId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The registration. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "d839d96befe74d5d8ae74689cfad2e1",
                     *       "name": "rds_test",
                     *       "description": "is a test",
                     *       "columns": [
                     *         {
                     *           "comments": "企业号（企业社会信用代码）",
                     *           "data_id": "d839d96befe74d5d8ae74689cfad2e1",
                     *           "column_name": "credit_no",
                     *           "data_type": "STRING",
                     *           "sql_col_privacy_type": "NON_SENSITIVE",
                     *           "fl_label_type": "FEATURE",
                     *           "privacy_policy": "NONE",
                     *           "privacy_policy_ext": "",
                     *           "feature_type": "DISCRETE",
                     *           "field_size": 193
                     *         },
                     *         {
                     *           "comments": "企业名称",
                     *           "data_id": "d839d96bef74d5d8ae74689cfad2e1",
                     *           "column_name": "ent_name",
                     *           "data_type": "STRING",
                     *           "sql_col_privacy_type": "NON_SENSITIVE",
                     *           "privacy_policy": "NONE"
                     *         }
                     *       ],
                     *       "connector_id": "49dd0fc0bae2402c8824154f5896317f",
                     *       "connector_name": "rds",
                     *       "data_type": "RDS",
                     *       "ag_dataset_table": {
                     *         "data_id": "d839d96bef74d5d8ae74689cfad2e1",
                     *         "db_schema": "demo1",
                     *         "table_name": "dim_enterprise"
                     *       },
                     *       "ag_dataset_local": {
                     *         "data_id": "d839d96bef74d5d8ae74689cfad2e1",
                     *         "dataset_id": "",
                     *         "dataset_name": "test",
                     *         "file_type": "CSV",
                     *         "delimiter": ",",
                     *         "is_header_exist": true,
                     *         "data_file_path": "/xx/",
                     *         "id_file_path": "",
                     *         "config_file_path": "",
                     *         "auto_generate_data": true,
                     *         "ext": {
                     *           "multihot_settings": [
                     *             {
                     *               "features": [
                     *                 "genres_0",
                     *                 "genres_1"
                     *               ],
                     *               "field_size": 17
                     *             }
                     *           ]
                     *         }
                     *       },
                     *       "ext_columns": []
                     *     }
                     */
                    "application/json": components["schemas"]["DatasetRegistration"];
                };
            };
            401: components["responses"]["Unauthorized"];
            default: components["responses"]["Error"];
        };
    };
    publishDataset: {
        parameters: {
            query?: never;
            header: {
                /** @description Language of the service's texts. */
                "X-Language": components["parameters"]["language"];
            };
            path: {
                /** @description The agent itself. */
                agent_id: components["parameters"]["agentId"];
                /** @description Dataset. */
                dataset_id: components["parameters"]["datasetId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The dataset is published; the body may be empty. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            401: components["responses"]["Unauthorized"];
            default: components["responses"]["Error"];
        };
    };
    getResultSample: {
        parameters: {
            query?: never;
            header: {
                /** @description Language of the service's texts. */
                "X-Language": components["parameters"]["language"];
            };
            path: {
                /** @description The agent itself. */
                agent_id: components["parameters"]["agentId"];
                /** @description Instance, one run of a job. */
                instance_id: components["parameters"]["instanceId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The sample. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "status": "SUCCEEDED",
                     *       "result": "{\"records\": [[\"EMPLOYEE_ID\", \"AVG_SALARY\", \"DEPARTMENT_ID\"], [\"300000\", \"9000\", \"1\"], [\"491913\", \"9000\", \"1\"], [\"491914\", \"9000\", \"1\"], [\"491915\", \"9000\", \"1\"], [\"491916\", \"9000\", \"1\"], [\"491917\", \"9000\", \"1\"], [\"491918\", \"9000\", \"1\"], [\"491919\", \"9000\", \"1\"], [\"491920\", \"9000\", \"1\"], [\"500000\", \"9000\", \"2\"], [\"500001\", \"9000\", \"2\"], [\"500002\", \"9000\", \"2\"], [\"500003\", \"9000\", \"3\"], [\"500004\", \"9000\", \"3\"]], \"obs_path\": \"/output/sql/d8f0d4e0f40342f5bd631970b6d2dece/e92efe61875948399329b89de4370992/output.csv\", \"execute_time\": \"874\"}",
                     *       "job_id": null,
                     *       "result_type": "sql",
                     *       "finish_time": 1645706013169
                     *     }
                     */
                    "application/json": components["schemas"]["ResultSample"];
                };
            };
            401: components["responses"]["Unauthorized"];
            default: components["responses"]["Error"];
        };
    };
    listAgentInstances: {
        parameters: {
            query: {
                /** @description Number of the page, although it is called offset; 0 and 1 are both the first page. */
                offset: components["parameters"]["pageNumber"];
                /** @description How many records to answer with. */
                limit: components["parameters"]["limit"];
            };
            header: {
                /** @description Language of the service's texts. */
                "X-Language": components["parameters"]["language"];
            };
            path: {
                /** @description The agent itself. */
                agent_id: components["parameters"]["agentId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of instances. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "total": 240,
                     *       "lists": [
                     *         {
                     *           "id": "572f4dd408d34fe29f845e80daf7d74b",
                     *           "node_id": "d8f0d4e0f40342f5bd631970b6d2dece",
                     *           "job_id": "572f4dd408d34fe29f845e80daf7d74b",
                     *           "job_ins_type": "VFL_FEATURE_SELECTION",
                     *           "job_name": "q8DF1",
                     *           "create_time": "2022-02-24T09:14:30.926+00:00",
                     *           "round_id": 1
                     *         },
                     *         {
                     *           "id": "6a0157a3a4144352b83c55ee1a16fd13",
                     *           "node_id": "d8f0d4e0f40342f5bd631970b6d2dece",
                     *           "job_id": "6a0157a3a4144352b83c55ee1a16fd13",
                     *           "job_ins_type": "VFL_SAMPLE_ALIGNMENT",
                     *           "job_name": "2SgKD",
                     *           "create_time": "2022-02-24T09:14:18.836+00:00",
                     *           "round_id": 1
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["AgentInstanceRowList"];
                };
            };
            401: components["responses"]["Unauthorized"];
            default: components["responses"]["Error"];
        };
    };
    reviewNotice: {
        parameters: {
            query?: never;
            header: {
                /** @description Language of the service's texts. */
                "X-Language": components["parameters"]["language"];
            };
            path: {
                /** @description The agent itself. */
                agent_id: components["parameters"]["agentId"];
                /** @description Approval notice. */
                notice_id: components["parameters"]["noticeId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "approval_status": "PASS",
                 *       "approval_msg": ""
                 *     }
                 */
                "application/json": components["schemas"]["ReviewNoticeRequest"];
            };
        };
        responses: {
            /** @description The decision is recorded; the body may be empty. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            401: components["responses"]["Unauthorized"];
            default: components["responses"]["Error"];
        };
    };
    listApprovalNotices: {
        parameters: {
            query: {
                /** @description Number of the page, although it is called offset; 0 and 1 are both the first page. */
                offset: components["parameters"]["pageNumber"];
                /** @description How many notices to answer with. */
                limit: number;
                /** @description Narrows the list by the notice's creator or by the league's name. The reference gives neither its form nor a limit; other lists of the plane take a JSON document here. */
                filter?: string;
            };
            header: {
                /** @description Language of the service's texts. */
                "X-Language": components["parameters"]["language"];
            };
            path: {
                /** @description The agent itself. */
                agent_id: components["parameters"]["agentId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of notices. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "total": 1,
                     *       "lists": [
                     *         {
                     *           "id": "3a6e70c4b3a849fa9faffc480c903c9b",
                     *           "notice_type": "DATASET_USE_APPROVAL",
                     *           "creator_partner_alias": "space_creator",
                     *           "notice_status": "OPEN",
                     *           "create_time": "2022-02-25T03:12:09.296+00:00",
                     *           "handle_time": null
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["ApprovalNoticeRowList"];
                };
            };
            401: components["responses"]["Unauthorized"];
            default: components["responses"]["Error"];
        };
    };
    getApprovalNotice: {
        parameters: {
            query?: never;
            header: {
                /** @description Language of the service's texts. */
                "X-Language": components["parameters"]["language"];
            };
            path: {
                /** @description The agent itself. */
                agent_id: components["parameters"]["agentId"];
                /** @description Approval notice. */
                notice_id: components["parameters"]["noticeId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The notice. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "content": "SELECT `L_ORDERKEY`, `L_PARTKEY`, `L_SUPPKEY`, `L_LINENUMBER`, `L_QUANTITY`, `L_EXTENDEDPRICE`, `L_DISCOUNT`, `L_TAX`, `L_RETURNFLAG`, `L_LINESTATUS`, `L_SHIPDATE`, `L_COMMITDATE`, `L_RECEIPTDATE`, `L_SHIPINSTRUCT`, `L_SHIPMODE`, `L_COMMENT` FROM `SPACE_CREATOR`.`LINEITEM_1000W`,",
                     *       "datasets": "lineitem_1000w",
                     *       "job_creator_alias": "space_creator",
                     *       "approval_msg": "",
                     *       "field_detail": "[{\"dataset_name\": \"lineitem_1000w\", \"field_name\": \"L_ORDERKEY\", \"field_type\": \"NON_SENSITIVE\", \"is_show_in_final_select\": true, \"func_desc\": \"/\", \"encrypt_protect_type\": \"INTERNATION_ENCRYPT\"}, {\"dataset_name\": \"lineitem_1000w\", \"field_name\": \"L_PARTKEY\", \"field_type\": \"NON_SENSITIVE\", \"is_show_in_final_select\": true, \"func_desc\": \"/\", \"encrypt_protect_type\": \"INTERNATION_ENCRYPT\"}, {\"dataset_name\": \"lineitem_1000w\", \"field_name\": \"L_SUPPKEY\", \"field_type\": \"NON_SENSITIVE\", \"is_show_in_final_select\": true, \"func_desc\": \"/\", \"encrypt_protect_type\": \"INTERNATION_ENCRYPT\"}, {\"dataset_name\": \"lineitem_1000w\", \"field_name\": \"L_LINENUMBER\", \"field_type\": \"NON_SENSITIVE\", \"is_show_in_final_select\": true, \"func_desc\": \"/\", \"encrypt_protect_type\": \"INTERNATION_ENCRYPT\"}, {\"dataset_name\": \"lineitem_1000w\", \"field_name\": \"L_QUANTITY\", \"field_type\": \"NON_SENSITIVE\", \"is_show_in_final_select\": true, \"func_desc\": \"/\", \"encrypt_protect_type\": \"INTERNATION_ENCRYPT\"}, {\"dataset_name\": \"lineitem_1000w\", \"field_name\": \"L_EXTENDEDPRICE\", \"field_type\": \"SENSITIVE\", \"is_show_in_final_select\": true, \"func_desc\": \"/\", \"encrypt_protect_type\": \"INTERNATION_ENCRYPT\"}, {\"dataset_name\": \"lineitem_1000w\", \"field_name\": \"L_DISCOUNT\", \"field_type\": \"NON_SENSITIVE\", \"is_show_in_final_select\": true, \"func_desc\": \"/\", \"encrypt_protect_type\": \"INTERNATION_ENCRYPT\"}, {\"dataset_name\": \"lineitem_1000w\", \"field_name\": \"L_TAX\", \"field_type\": \"SENSITIVE\", \"is_show_in_final_select\": true, \"func_desc\": \"/\", \"encrypt_protect_type\": \"INTERNATION_ENCRYPT\"}, {\"dataset_name\": \"lineitem_1000w\", \"field_name\": \"L_RETURNFLAG\", \"field_type\": \"NON_SENSITIVE\", \"is_show_in_final_select\": true, \"func_desc\": \"/\", \"encrypt_protect_type\": \"INTERNATION_ENCRYPT\"}, {\"dataset_name\": \"lineitem_1000w\", \"field_name\": \"L_LINESTATUS\", \"field_type\": \"NON_SENSITIVE\", \"is_show_in_final_select\": true, \"func_desc\": \"/\", \"encrypt_protect_type\": \"INTERNATION_ENCRYPT\"}, {\"dataset_name\": \"lineitem_1000w\", \"field_name\": \"L_SHIPDATE\", \"field_type\": \"NON_SENSITIVE\", \"is_show_in_final_select\": true, \"func_desc\": \"/\", \"encrypt_protect_type\": \"INTERNATION_ENCRYPT\"}, {\"dataset_name\": \"lineitem_1000w\", \"field_name\": \"L_COMMITDATE\", \"field_type\": \"NON_SENSITIVE\", \"is_show_in_final_select\": true, \"func_desc\": \"/\", \"encrypt_protect_type\": \"INTERNATION_ENCRYPT\"}, {\"dataset_name\": \"lineitem_1000w\", \"field_name\": \"L_RECEIPTDATE\", \"field_type\": \"NON_SENSITIVE\", \"is_show_in_final_select\": true, \"func_desc\": \"/\", \"encrypt_protect_type\": \"INTERNATION_ENCRYPT\"}, {\"dataset_name\": \"lineitem_1000w\", \"field_name\": \"L_SHIPINSTRUCT\", \"field_type\": \"NON_SENSITIVE\", \"is_show_in_final_select\": true, \"func_desc\": \"/\", \"encrypt_protect_type\": \"INTERNATION_ENCRYPT\"}, {\"dataset_name\": \"lineitem_1000w\", \"field_name\": \"L_SHIPMODE\", \"field_type\": \"NON_SENSITIVE\", \"is_show_in_final_select\": true, \"func_desc\": \"/\", \"encrypt_protect_type\": \"INTERNATION_ENCRYPT\"}, {\"dataset_name\": \"lineitem_1000w\", \"field_name\": \"L_COMMENT\", \"field_type\": \"NON_SENSITIVE\", \"is_show_in_final_select\": true, \"func_desc\": \"/\", \"encrypt_protect_type\": \"INTERNATION_ENCRYPT\"}]",
                     *       "privacy_detail": "",
                     *       "converge_detail": "",
                     *       "approval_status": "APPROVING"
                     *     }
                     */
                    "application/json": components["schemas"]["ApprovalNotice"];
                };
            };
            401: components["responses"]["Unauthorized"];
            default: components["responses"]["Error"];
        };
    };
    getDatasetPrivacy: {
        parameters: {
            query?: never;
            header: {
                /** @description Language of the service's texts. */
                "X-Language": components["parameters"]["language"];
            };
            path: {
                /** @description Project the account works in. */
                project_id: components["parameters"]["projectId"];
                /** @description League. */
                league_id: components["parameters"]["leagueId"];
                /** @description Dataset. */
                dataset_id: components["parameters"]["datasetId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The columns. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "description": "",
                     *       "privacies": [
                     *         {
                     *           "comments": "",
                     *           "column_name": "EMPLOYEE_ID",
                     *           "data_type": "DECIMAL",
                     *           "privacy_policy_type": "NONE",
                     *           "privacy_policy": "NONE",
                     *           "sql_col_privacy_type": "UNIQUE_ID",
                     *           "fl_label_type": "UNIQUE_ID"
                     *         },
                     *         {
                     *           "comments": "",
                     *           "column_name": "AVG_SALARY",
                     *           "data_type": "DECIMAL",
                     *           "privacy_policy_type": "NONE",
                     *           "privacy_policy": "NONE",
                     *           "sql_col_privacy_type": "SENSITIVE",
                     *           "fl_label_type": "FEATURE"
                     *         },
                     *         {
                     *           "comments": "",
                     *           "column_name": "DEPARTMENT_ID",
                     *           "data_type": "DECIMAL",
                     *           "privacy_policy_type": "NONE",
                     *           "privacy_policy": "NONE",
                     *           "sql_col_privacy_type": "NON_SENSITIVE",
                     *           "fl_label_type": "FEATURE"
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["DatasetPrivacy"];
                };
            };
            401: components["responses"]["Unauthorized"];
            default: components["responses"]["Error"];
        };
    };
    listAvailableDatasets: {
        parameters: {
            query: {
                /** @description A type of dataset, standing for the kind of job that asks: LOCAL_CSV answers the datasets for learning jobs, MYSQL (and any other database type) those for SQL jobs. */
                dataset_type: "RDS" | "MYSQL" | "DWS" | "MRS" | "ORACLE" | "LOCAL_CSV";
                /** @description Only the datasets of this agent. */
                agent_id?: string;
            };
            header: {
                /** @description Language of the service's texts. */
                "X-Language": components["parameters"]["language"];
            };
            path: {
                /** @description Project the account works in. */
                project_id: components["parameters"]["projectId"];
                /** @description League. */
                league_id: components["parameters"]["leagueId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The datasets, grouped by partner. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "total": 3,
                     *       "lists": [
                     *         {
                     *           "dataset": [
                     *             {
                     *               "id": "45cd8dc4d2884cb0a73fdd495566aded",
                     *               "name": "oracle_dep",
                     *               "agent_name": "agent_tics功能",
                     *               "agent_id": "d8f0d4e0f40342f5bd631970b6d2dece",
                     *               "dataset_invalid_type": "NONE",
                     *               "label_dataset": false,
                     *               "label_word": null,
                     *               "unique_column_name": null,
                     *               "has_align_id_file": null
                     *             },
                     *             {
                     *               "id": "5990ae39bb83474aab7c986e1b2263f",
                     *               "name": "lineitem_1000w",
                     *               "agent_name": "agent_性能1勿动",
                     *               "agent_id": "edc8357011b0449ca985daabd531083c",
                     *               "dataset_invalid_type": "NONE",
                     *               "label_dataset": false,
                     *               "label_word": null,
                     *               "unique_column_name": null,
                     *               "has_align_id_file": null
                     *             },
                     *             {
                     *               "id": "9bdd95d0889341bfa44ee9cf817729d4",
                     *               "name": "lineitem_100w",
                     *               "agent_name": "agent_性能1勿动",
                     *               "agent_id": "edc8357011b0449ca985daabd531083c",
                     *               "dataset_invalid_type": "NONE",
                     *               "label_dataset": false,
                     *               "label_word": null,
                     *               "unique_column_name": null,
                     *               "has_align_id_file": null
                     *             },
                     *             {
                     *               "id": "d839d96bef74d5d8ae74689cfdad2e1",
                     *               "name": "rds_test",
                     *               "agent_name": "agent_tics功能",
                     *               "agent_id": "d8f0d4e0f40342f5bd631970b6d2dece",
                     *               "dataset_invalid_type": "NONE",
                     *               "label_dataset": false,
                     *               "label_word": null,
                     *               "unique_column_name": null,
                     *               "has_align_id_file": null
                     *             }
                     *           ],
                     *           "partner_domain_alias": "space_creator"
                     *         },
                     *         {
                     *           "dataset": [
                     *             {
                     *               "id": "16dc7a8477a14132b42b9ec18a12bffb",
                     *               "name": "lineitem_1000w",
                     *               "agent_name": "agent_性能2_勿动",
                     *               "agent_id": "c2efd9850deb44e3a64b00e555ddb04f",
                     *               "dataset_invalid_type": "NONE",
                     *               "label_dataset": false,
                     *               "label_word": null,
                     *               "unique_column_name": null,
                     *               "has_align_id_file": null
                     *             },
                     *             {
                     *               "id": "60d38f542d574b7d890d2612547c17e9",
                     *               "name": "supplier_1w",
                     *               "agent_name": "agent_性能2_勿动",
                     *               "agent_id": "c2efd9850deb44e3a64b00e555ddb04f",
                     *               "dataset_invalid_type": "NONE",
                     *               "label_dataset": false,
                     *               "label_word": null,
                     *               "unique_column_name": null,
                     *               "has_align_id_file": null
                     *             }
                     *           ],
                     *           "partner_domain_alias": "tics002"
                     *         },
                     *         {
                     *           "dataset": [],
                     *           "partner_domain_alias": "dayu002"
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["AvailableDatasetGroupList"];
                };
            };
            401: components["responses"]["Unauthorized"];
            default: components["responses"]["Error"];
        };
    };
    listSqlJobs: {
        parameters: {
            query: {
                /** @description How many records to leave out. */
                offset: components["parameters"]["recordOffset"];
                /** @description How many records to answer with. */
                limit: components["parameters"]["limit"];
                /**
                 * @description Which jobs to answer, and in which order: a JSON document of at most 128 characters. Keys that are not used are left out, for the length counts. The key of the instance type is jobInstanceType here, job_instance_type in the other lists.
                 * @example {"jobName":"test1","desc":true}
                 */
                filter?: string;
            };
            header: {
                /** @description Language of the service's texts. */
                "X-Language": components["parameters"]["language"];
            };
            path: {
                /** @description Project the account works in. */
                project_id: components["parameters"]["projectId"];
                /** @description League. */
                league_id: components["parameters"]["leagueId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of SQL jobs. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "total": 2,
                     *       "lists": [
                     *         {
                     *           "id": "a5c4fa627a57433d94a738ed26407a7d",
                     *           "name": "test1",
                     *           "description": "",
                     *           "deleted": false,
                     *           "job_type": "SQL",
                     *           "domain_id": "098593b06a80d2a30f5fc004c28f6da0",
                     *           "league_id": "edf4254ecfd64aabbf896a522693ab05",
                     *           "creator_id": "09d4c9740600d4431f07c004b9c9d1d4",
                     *           "creator_name": "shenlu",
                     *           "create_time": "2022-02-24T12:43:44.000+00:00",
                     *           "update_user_id": "09d4c9740600d4431f07c004b9c9d1d4",
                     *           "update_user_name": "shenlu",
                     *           "update_time": "2022-02-24T13:03:03.000+00:00",
                     *           "approval_status": "NEW"
                     *         },
                     *         {
                     *           "id": "30ad88d2cea4434b9d2728d68d987a48",
                     *           "name": "test12",
                     *           "description": "",
                     *           "deleted": false,
                     *           "job_type": "SQL",
                     *           "domain_id": "098593b06a80d2a30f5fc004c28f6da0",
                     *           "league_id": "edf4254ecfd64aabbf896a522693ab05",
                     *           "creator_id": "09d4c9740600d4431f07c004b9c9d1d4",
                     *           "creator_name": "shenlu",
                     *           "create_time": "2022-02-22T01:58:50.000+00:00",
                     *           "update_user_id": "09d4c9740600d4431f07c004b9c9d1d4",
                     *           "update_user_name": "shenlu",
                     *           "update_time": "2022-02-22T02:15:24.000+00:00",
                     *           "approval_status": "NEW"
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["SqlJobRowList"];
                };
            };
            401: components["responses"]["Unauthorized"];
            default: components["responses"]["Error"];
        };
    };
    createSqlJob: {
        parameters: {
            query?: never;
            header: {
                /** @description Language of the service's texts. */
                "X-Language": components["parameters"]["language"];
            };
            path: {
                /** @description Project the account works in. */
                project_id: components["parameters"]["projectId"];
                /** @description League. */
                league_id: components["parameters"]["leagueId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CreateSqlJobRequest"];
            };
        };
        responses: {
            /** @description The job was created. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "job_id": "c098faeb38384be8932539bb6fbc28d3"
                     *     }
                     */
                    "application/json": components["schemas"]["CreatedSqlJob"];
                };
            };
            401: components["responses"]["Unauthorized"];
            default: components["responses"]["Error"];
        };
    };
    getSqlJob: {
        parameters: {
            query?: never;
            header: {
                /** @description The agent whose view of the job is asked for. */
                "agent-id"?: components["parameters"]["requestAgentId"];
                /** @description Language of the service's texts. */
                "X-Language": components["parameters"]["language"];
            };
            path: {
                /** @description Project the account works in. */
                project_id: components["parameters"]["projectId"];
                /** @description League. */
                league_id: components["parameters"]["leagueId"];
                /** @description Job. */
                job_id: components["parameters"]["jobId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The job. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "name": "test1",
                     *       "description": "",
                     *       "sql_text": "select * from SPACE_CREATOR.ORACLE_DEP",
                     *       "sql_job_approval_status": "NEW",
                     *       "approval_records": [
                     *         {
                     *           "datasets": "ORACLE_DEP",
                     *           "comment": "",
                     *           "approval_partner_alias": "space_creator",
                     *           "approval_status": "NEW"
                     *         }
                     *       ],
                     *       "ext": "{}"
                     *     }
                     */
                    "application/json": components["schemas"]["SqlJobDetail"];
                };
            };
            401: components["responses"]["Unauthorized"];
            default: components["responses"]["Error"];
        };
    };
    updateSqlJob: {
        parameters: {
            query?: never;
            header: {
                /** @description Language of the service's texts. */
                "X-Language": components["parameters"]["language"];
            };
            path: {
                /** @description Project the account works in. */
                project_id: components["parameters"]["projectId"];
                /** @description League. */
                league_id: components["parameters"]["leagueId"];
                /** @description Job. */
                job_id: components["parameters"]["jobId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["UpdateSqlJobRequest"];
            };
        };
        responses: {
            /** @description The job was saved; the body may be empty. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            401: components["responses"]["Unauthorized"];
            default: components["responses"]["Error"];
        };
    };
    deleteSqlJob: {
        parameters: {
            query?: never;
            header: {
                /** @description Language of the service's texts. */
                "X-Language": components["parameters"]["language"];
            };
            path: {
                /** @description Project the account works in. */
                project_id: components["parameters"]["projectId"];
                /** @description League. */
                league_id: components["parameters"]["leagueId"];
                /** @description Job. */
                job_id: components["parameters"]["jobId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The job was deleted; the body may be empty. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            401: components["responses"]["Unauthorized"];
            default: components["responses"]["Error"];
        };
    };
    submitSqlJobForApproval: {
        parameters: {
            query?: never;
            header: {
                /** @description Language of the service's texts. */
                "X-Language": components["parameters"]["language"];
            };
            path: {
                /** @description Project the account works in. */
                project_id: components["parameters"]["projectId"];
                /** @description League. */
                league_id: components["parameters"]["leagueId"];
                /** @description Job. */
                job_id: components["parameters"]["jobId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The job was submitted; the body may be empty. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            401: components["responses"]["Unauthorized"];
            default: components["responses"]["Error"];
        };
    };
    cancelSqlJobApproval: {
        parameters: {
            query?: never;
            header: {
                /** @description Language of the service's texts. */
                "X-Language": components["parameters"]["language"];
            };
            path: {
                /** @description Project the account works in. */
                project_id: components["parameters"]["projectId"];
                /** @description League. */
                league_id: components["parameters"]["leagueId"];
                /** @description Job. */
                job_id: components["parameters"]["jobId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The request for approval was withdrawn; the body may be empty. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            401: components["responses"]["Unauthorized"];
            default: components["responses"]["Error"];
        };
    };
    executeSqlJob: {
        parameters: {
            query?: never;
            header: {
                /** @description Language of the service's texts. */
                "X-Language": components["parameters"]["language"];
            };
            path: {
                /** @description Project the account works in. */
                project_id: components["parameters"]["projectId"];
                /** @description League. */
                league_id: components["parameters"]["leagueId"];
                /** @description Job. */
                job_id: components["parameters"]["jobId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The run was started. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "job_instance_id": "a7a4532001cc4ac182faeae9814841ab"
                     *     }
                     */
                    "application/json": components["schemas"]["StartedSqlJobInstance"];
                };
            };
            401: components["responses"]["Unauthorized"];
            default: components["responses"]["Error"];
        };
    };
    listPredictionJobs: {
        parameters: {
            query: {
                /** @description How many records to leave out. */
                offset: components["parameters"]["recordOffset"];
                /** @description How many records to answer with. */
                limit: components["parameters"]["limit"];
                /**
                 * @description Which jobs to answer, and in which order: a JSON document of at most 512 characters. Keys that are not used are left out, for the length counts. The key of the instance type is job_instance_type here, jobInstanceType in the list of SQL jobs.
                 * @example {"jobName":"test","algorithmType":["LOGISTIC_REGRESSION"]}
                 */
                filter?: string;
            };
            header: {
                /** @description Language of the service's texts. */
                "X-Language": components["parameters"]["language"];
            };
            path: {
                /** @description Project the account works in. */
                project_id: components["parameters"]["projectId"];
                /** @description League. */
                league_id: components["parameters"]["leagueId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of prediction jobs. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "total": 1,
                     *       "lists": [
                     *         {
                     *           "description": "",
                     *           "round": null,
                     *           "epoch": null,
                     *           "job_id": "21eec8e0c37a41de986eb5ae9b900b2b",
                     *           "job_name": "test",
                     *           "job_type": "PREDICT",
                     *           "creator_name": "shenlu",
                     *           "creatorName": "shenlu",
                     *           "create_time": "2022-02-17T03:40:12.000+00:00",
                     *           "hfl_type": null,
                     *           "hfl_platform_type": null,
                     *           "algorithm_type": "LOGISTIC_REGRESSION",
                     *           "learning_rate": "0.5",
                     *           "learning_task_type": null,
                     *           "ext": "{\"tree_num\":1,\"batch_size\":4000,\"label_agent\":\"f684d62317cc4d35b789e6ff525682fa\",\"epoch\":1, \"datasets\":\"d8f0d4e0f40342f5bd631970b6d2dece.autotest_tfdata_zx_host.space_creator,f684d62317cc4d35b789e6ff525682fa.autotest_tfdata2_zx_guest.dayu002\", \"label\":2,\"predict_threshold\":0.5, \"features\":\"d8f0d4e0f40342f5bd631970b6d2dece.autotest_tfdata_zx_host.0\", \"instance_id\":\"54795e639a1643cbadae051bcb7c9215\",\"tree_depth\":1, \"label_dataset\":\"autotest_tfdata2_zx_guest\",\"learning_rate\":0.5, \"job_creation_agent\":\"d8f0d4e0f40342f5bd631970b6d2dece\",\"split_num\":5}",
                     *           "is_single_predict": true
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["PredictionJobRowList"];
                };
            };
            401: components["responses"]["Unauthorized"];
            default: components["responses"]["Error"];
        };
    };
    listModels: {
        parameters: {
            query: {
                /** @description How many records to leave out. */
                offset: components["parameters"]["recordOffset"];
                /** @description How many records to answer with. */
                limit: components["parameters"]["limit"];
                /** @description Only the models of this training job. */
                job_id?: string;
                /**
                 * @description Which instances to answer, and in which order: a JSON document of at most 256 characters. Keys that are not used are left out, for the length counts. The key of the instance type is job_instance_type here, jobInstanceType in the list of SQL jobs.
                 * @example {"job_instance_type":["VFL_TRAIN"],"status":["SUCCEEDED"]}
                 */
                filter?: string;
            };
            header: {
                /** @description Language of the service's texts. */
                "X-Language": components["parameters"]["language"];
            };
            path: {
                /** @description Project the account works in. */
                project_id: components["parameters"]["projectId"];
                /** @description League. */
                league_id: components["parameters"]["leagueId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of models. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "total": 1,
                     *       "lists": [
                     *         {
                     *           "id": "06e5d8fb7af6461793968e5365179929",
                     *           "status": "SUCCEEDED",
                     *           "ext": "{\"tree_num\":5,\"batch_size\":1,\"learning_task_type\":\"CLASSIFICATION\", \"label_agent\":\"c2efd9850deb44e3a64b00e555ddb04f\",\"epoch\":1, \"datasets\":\"c2efd9850deb44e3a64b00e555ddb04f.guest_f1_50w_1.tics002,edc8357011b0449ca985daabd531083c.host_f50_50w_1.space_creator\", \"label\":\"label\",\"predict_threshold\":\"0.5\", \"features\":\"c2efd9850deb44e3a64b00e555ddb04f.guest_f1_50w_1.f50,edc8357011b0449ca985daabd531083c.host_f50_50w_1.f0,edc8357011b0449ca985daabd531083c.host_f50_50w_1.f2,edc8357011b0449ca985daabd531083c.host_f50_50w_1.f3,edc8357011b0449ca985daabd531083c.host_f50_50w_1.f49\", \"tree_depth\":5,\"label_dataset\":\"guest_f1_50w_1\",\"learning_rate\":0.5, \"job_creation_agent\":\"edc8357011b0449ca985daabd531083c\",\"split_num\":5}",
                     *           "job_name": "xg_30&1_50w",
                     *           "job_instance_type": "VFL_TRAIN",
                     *           "round_id": 1,
                     *           "start_time": "2022-02-22T06:27:29.000+00:00",
                     *           "end_time": "2022-02-22T07:26:25.000+00:00",
                     *           "result_ext": {
                     *             "round": 1,
                     *             "recall": 0.786,
                     *             "precision": 0.825,
                     *             "ks": 0.623,
                     *             "accuracy": 0.812,
                     *             "f1": 0.805,
                     *             "auc": 0.885
                     *           },
                     *           "job_partner": "tics002,space_creator",
                     *           "is_single_predict": false,
                     *           "metrics": "{\"recall\":0.786,\"precision\":0.825,\"ks\":0.623,\"accuracy\":0.812,\"f1\":0.805,\"auc\":0.885}"
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["ModelRowList"];
                };
            };
            401: components["responses"]["Unauthorized"];
            default: components["responses"]["Error"];
        };
    };
    getInstanceStatus: {
        parameters: {
            query?: never;
            header: {
                /** @description Language of the service's texts. */
                "X-Language": components["parameters"]["language"];
            };
            path: {
                /** @description Project the account works in. */
                project_id: components["parameters"]["projectId"];
                /** @description League. */
                league_id: components["parameters"]["leagueId"];
                /** @description Instance, one run of a job. */
                instance_id: components["parameters"]["instanceId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The status. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "job_instance_status": "SUCCEEDED"
                     *     }
                     */
                    "application/json": components["schemas"]["InstanceStatus"];
                };
            };
            401: components["responses"]["Unauthorized"];
            default: components["responses"]["Error"];
        };
    };
    getInstanceResult: {
        parameters: {
            query?: never;
            header: {
                /** @description Language of the service's texts. */
                "X-Language": components["parameters"]["language"];
            };
            path: {
                /** @description Project the account works in. */
                project_id: components["parameters"]["projectId"];
                /** @description League. */
                league_id: components["parameters"]["leagueId"];
                /** @description Instance, one run of a job. */
                instance_id: components["parameters"]["instanceId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The result. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "ext": "{\"round\":1,\"recall\":0.444,\"precision\":0.746,\"ks\":0.253,\"accuracy\":0.596,\"f1\":0.557,\"auc\":0.657}",
                     *       "job_ins_id": "f2d2b40b94d44d0b85018c328657f097",
                     *       "job_id": "6a08387b3178443a997202a13d0e3335",
                     *       "result_storage_agent_id": "d8f0d4e0f40342f5bd631970b6d2dece,f684d62317cc4d35b789e6ff525682fa",
                     *       "result_storage_agent_name": "agent_tics功能,agent_dayu功能",
                     *       "result_storage_region_name": "xxx",
                     *       "obs_path": "/result/f2d2b40b94d44d0b85018c328657f097",
                     *       "counter_map": {
                     *         "JOB_OUT_RECORD_CNT": 6829
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["InstanceResult"];
                };
            };
            401: components["responses"]["Unauthorized"];
            default: components["responses"]["Error"];
        };
    };
    stopInstance: {
        parameters: {
            query?: never;
            header: {
                /** @description Language of the service's texts. */
                "X-Language": components["parameters"]["language"];
            };
            path: {
                /** @description Project the account works in. */
                project_id: components["parameters"]["projectId"];
                /** @description League. */
                league_id: components["parameters"]["leagueId"];
                /** @description Instance, one run of a job. */
                instance_id: components["parameters"]["instanceId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The stop was taken on; the body may be empty. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            401: components["responses"]["Unauthorized"];
            default: components["responses"]["Error"];
        };
    };
    getInstanceError: {
        parameters: {
            query?: never;
            header: {
                /** @description Language of the service's texts. */
                "X-Language": components["parameters"]["language"];
            };
            path: {
                /** @description Project the account works in. */
                project_id: components["parameters"]["projectId"];
                /** @description League. */
                league_id: components["parameters"]["leagueId"];
                /** @description Instance, one run of a job. */
                instance_id: components["parameters"]["instanceId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The exception's text. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "error_info": "通用异常，详情：tee get input encrypted model failed, xxx.ExecuteException: error happend(reason=run job failed, errMsg: ValueError: Calling `Model.fit` in graph mode is not supported when the `Model` instance was constructed with eager mode enabled. Please construct your `Model` instance in graph mode or call `Model.fit` with eager mode enabled.)"
                     *     }
                     */
                    "application/json": components["schemas"]["InstanceError"];
                };
            };
            401: components["responses"]["Unauthorized"];
            default: components["responses"]["Error"];
        };
    };
    listJobInstances: {
        parameters: {
            query: {
                /** @description How many records to leave out. */
                offset: components["parameters"]["recordOffset"];
                /** @description How many records to answer with. */
                limit: components["parameters"]["limit"];
                /** @description Only the instances of this job. */
                job_id?: string;
                /**
                 * @description Which instances to answer, and in which order: a JSON document of at most 256 characters. Keys that are not used are left out, for the length counts. The key of the instance type is job_instance_type here, jobInstanceType in the list of SQL jobs.
                 * @example {"job_instance_type":["VFL_TRAIN"],"status":["SUCCEEDED"]}
                 */
                filter?: string;
            };
            header: {
                /** @description Language of the service's texts. */
                "X-Language": components["parameters"]["language"];
            };
            path: {
                /** @description Project the account works in. */
                project_id: components["parameters"]["projectId"];
                /** @description League. */
                league_id: components["parameters"]["leagueId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of instances. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "total": 2,
                     *       "lists": [
                     *         {
                     *           "id": "a898738d76f0447da6d77362a3ef2963",
                     *           "status": "SUCCEEDED",
                     *           "ext": "{}",
                     *           "job_name": "1000w和1w碰撞-高隐私-无初筛sum(a)sum(b)",
                     *           "job_instance_type": "SQL",
                     *           "round_id": 1,
                     *           "start_time": "2022-02-24T11:05:57.000+00:00",
                     *           "end_time": "2022-02-24T11:07:25.000+00:00",
                     *           "result_ext": "7",
                     *           "job_partner": "tics002,space_creator",
                     *           "is_single_predict": false,
                     *           "metrics": null
                     *         },
                     *         {
                     *           "id": "1eadb175585a43538af73b0ecbf6ca59",
                     *           "status": "SUCCEEDED",
                     *           "job_name": "1000w和1w碰撞-高隐私-无初筛sum(a+b)",
                     *           "job_instance_type": "SQL",
                     *           "round_id": 1,
                     *           "start_time": "2022-02-24T10:41:09.000+00:00",
                     *           "end_time": "2022-02-24T11:04:31.000+00:00",
                     *           "result_ext": "7"
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["LeagueInstanceRowList"];
                };
            };
            401: components["responses"]["Unauthorized"];
            default: components["responses"]["Error"];
        };
    };
    listFlJobs: {
        parameters: {
            query: {
                /** @description How many records to leave out. */
                offset: components["parameters"]["recordOffset"];
                /** @description How many records to answer with. */
                limit: components["parameters"]["limit"];
                /**
                 * @description Conditions, as a JSON object in a string of at most 128 characters, with empty keys left out. Its keys: `startTime`, `endTime`, `jobName`, `creatorName`, `agentId`, `jobInstanceId` (strings), `status` (a list of NEW, ACCEPTED, RUNNING, SUCCEEDED, FAILED, TERMINATED, PENDING), `job_instance_type` (a list of SQL, HFL, VFL_TRAIN, VFL_EVALUATE, VFL_ID_TRUNCATION, VFL_FEATURE_SELECTION, VFL_SAMPLE_ALIGNMENT, VFL_PREDICT; spelt `jobInstanceType` for SQL jobs), `algorithmType` (a list of XG_BOOST, LIGHT_BGM, LOGISTIC_REGRESSION, NEURAL_NETWORK), `orderBy` (a string) and `desc` (a boolean).
                 * @example {"jobName":"test12","algorithmType":["LOGISTIC_REGRESSION"],"desc":false}
                 */
                filter?: string;
            };
            header: {
                /** @description Language of the service's texts. */
                "X-Language": components["parameters"]["language"];
            };
            path: {
                /** @description Project the account works in. */
                project_id: components["parameters"]["projectId"];
                /** @description League. */
                league_id: components["parameters"]["leagueId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The jobs. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "total": 1,
                     *       "lists": [
                     *         {
                     *           "description": null,
                     *           "round": null,
                     *           "epoch": null,
                     *           "job_id": "6a08387b3178443a997202a13d0e3335",
                     *           "job_name": "test12",
                     *           "job_type": "VFL",
                     *           "creator_name": "shenlu",
                     *           "create_time": "2022-02-17T06:55:31.000+00:00",
                     *           "hfl_type": "TRAIN",
                     *           "hfl_platform_type": "LOCAL",
                     *           "algorithm_type": "LOGISTIC_REGRESSION",
                     *           "learning_rate": "0.5",
                     *           "learning_task_type": null,
                     *           "ext": null,
                     *           "is_single_predict": null
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["FlJobRowList"];
                };
            };
            401: components["responses"]["Unauthorized"];
            default: components["responses"]["Error"];
        };
    };
    createFlJob: {
        parameters: {
            query?: never;
            header: {
                /** @description Language of the service's texts. */
                "X-Language": components["parameters"]["language"];
            };
            path: {
                /** @description Project the account works in. */
                project_id: components["parameters"]["projectId"];
                /** @description League. */
                league_id: components["parameters"]["leagueId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "name": "test",
                 *       "job_type": "HFL",
                 *       "hfl_type": "TRAIN",
                 *       "hfl_platform_type": "LOCAL",
                 *       "agent_id": "ac50f5053ae94114ba325ac8a6470048"
                 *     }
                 */
                "application/json": components["schemas"]["CreateFlJobRequest"];
            };
        };
        responses: {
            /** @description The job was created. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "job_id": "c098faeb38384be8932539bb6fbc28d3"
                     *     }
                     */
                    "application/json": components["schemas"]["CreatedFlJob"];
                };
            };
            401: components["responses"]["Unauthorized"];
            default: components["responses"]["Error"];
        };
    };
    getHorizontalJob: {
        parameters: {
            query?: never;
            header: {
                /** @description Language of the service's texts. */
                "X-Language": components["parameters"]["language"];
            };
            path: {
                /** @description Project the account works in. */
                project_id: components["parameters"]["projectId"];
                /** @description League. */
                league_id: components["parameters"]["leagueId"];
                /** @description Job. */
                job_id: components["parameters"]["jobId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The job. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "description": null,
                     *       "round": 1,
                     *       "epoch": 1,
                     *       "datasets": "space_creator.host_f40_10w,tics002.guest_f1_10w_20",
                     *       "ext": null,
                     *       "job_name": "test_heng",
                     *       "hfl_type": "TRAIN",
                     *       "hfl_platform_type": "LOCAL",
                     *       "host_agent_id": "edc8357011b0449ca985daabd531083c",
                     *       "host_agent_name": "agent_test",
                     *       "boot_file_url": "/uploadfiles/solubility_train.py",
                     *       "model_file_url": "/uploadfiles/solubility_model.h5",
                     *       "engine_id": null,
                     *       "spec_id": null,
                     *       "initial_weight_url": null,
                     *       "eval_dataset_name": "host_f40_10w"
                     *     }
                     */
                    "application/json": components["schemas"]["HorizontalJobDetail"];
                };
            };
            401: components["responses"]["Unauthorized"];
            default: components["responses"]["Error"];
        };
    };
    updateHorizontalJob: {
        parameters: {
            query?: never;
            header: {
                /** @description Language of the service's texts. */
                "X-Language": components["parameters"]["language"];
            };
            path: {
                /** @description Project the account works in. */
                project_id: components["parameters"]["projectId"];
                /** @description League. */
                league_id: components["parameters"]["leagueId"];
                /** @description Job. */
                job_id: components["parameters"]["jobId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "job_name": "hori",
                 *       "hfl_type": "TRAIN",
                 *       "hfl_platform_type": "LOCAL",
                 *       "boot_file_url": "/uploadfiles/iris_train.py",
                 *       "model_file_url": "/uploadfiles/model.h5",
                 *       "round": 2,
                 *       "epoch": 2,
                 *       "host_agent_id": "0573513cac934b6aab79856c355ee7a2",
                 *       "host_agent_name": "agent_1656",
                 *       "eval_dataset_name": "ief_iris2",
                 *       "datasets": "space_creator.iris1,space_creator.ief_iris2"
                 *     }
                 */
                "application/json": components["schemas"]["UpdateHorizontalJobRequest"];
            };
        };
        responses: {
            /** @description The job was saved. The body may be empty. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            401: components["responses"]["Unauthorized"];
            default: components["responses"]["Error"];
        };
    };
    deleteFlJob: {
        parameters: {
            query?: never;
            header: {
                /** @description Language of the service's texts. */
                "X-Language": components["parameters"]["language"];
            };
            path: {
                /** @description Project the account works in. */
                project_id: components["parameters"]["projectId"];
                /** @description League. */
                league_id: components["parameters"]["leagueId"];
                /** @description Job. */
                job_id: components["parameters"]["jobId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The job was deleted. The body may be empty. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            401: components["responses"]["Unauthorized"];
            default: components["responses"]["Error"];
        };
    };
    executeHorizontalJob: {
        parameters: {
            query?: never;
            header: {
                /** @description Language of the service's texts. */
                "X-Language": components["parameters"]["language"];
            };
            path: {
                /** @description Project the account works in. */
                project_id: components["parameters"]["projectId"];
                /** @description League. */
                league_id: components["parameters"]["leagueId"];
                /** @description Job. */
                job_id: components["parameters"]["jobId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The instance was started. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "job_instance_id": "7b0df147d6464ef2877b22f6d964d274"
                     *     }
                     */
                    "application/json": components["schemas"]["StartedLearningInstance"];
                };
            };
            401: components["responses"]["Unauthorized"];
            default: components["responses"]["Error"];
        };
    };
    getVerticalJob: {
        parameters: {
            query?: never;
            header: {
                /** @description Language of the service's texts. */
                "X-Language": components["parameters"]["language"];
            };
            path: {
                /** @description Project the account works in. */
                project_id: components["parameters"]["projectId"];
                /** @description League. */
                league_id: components["parameters"]["leagueId"];
                /** @description Job. */
                job_id: components["parameters"]["jobId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The job. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "description": null,
                     *       "datasets": "edc8357011b0449ca985daabd531083c.host_f50_10w_20.space_creator,c2efd9850deb44e3a64b00e555ddb04f.guest_f1_10w_20.tics002",
                     *       "features": [
                     *         {
                     *           "agent_id": "edc8357011b0449ca985daabd531083c",
                     *           "dataset_name": "host_f50_10w_20",
                     *           "features": [
                     *             "f0",
                     *             "f1",
                     *             "f2"
                     *           ]
                     *         },
                     *         {
                     *           "agent_id": "c2efd9850deb44e3a64b00e555ddb04f",
                     *           "dataset_name": "guest_f1_10w_20",
                     *           "features": [
                     *             "f0"
                     *           ]
                     *         }
                     *       ],
                     *       "label": "label",
                     *       "epoch": null,
                     *       "job_name": "xg_20",
                     *       "algorithm_type": "XG_BOOST",
                     *       "work_step": "MODEL_TRAIN",
                     *       "learning_rate": "0.5",
                     *       "label_dataset": "guest_f1_10w_20",
                     *       "label_agent": "c2efd9850deb44e3a64b00e555ddb04f",
                     *       "batch_size": null,
                     *       "grad_epsilon": null,
                     *       "tree_num": null,
                     *       "tree_depth": null,
                     *       "split_num": null,
                     *       "current_agent_id": "edc8357011b0449ca985daabd531083c",
                     *       "learning_task_type": "CLASSIFICATION",
                     *       "predict_threshold": null,
                     *       "is_single_predict": null
                     *     }
                     */
                    "application/json": components["schemas"]["VerticalJobDetail"];
                };
            };
            401: components["responses"]["Unauthorized"];
            default: components["responses"]["Error"];
        };
    };
    updateVerticalJob: {
        parameters: {
            query?: never;
            header: {
                /** @description Language of the service's texts. */
                "X-Language": components["parameters"]["language"];
            };
            path: {
                /** @description Project the account works in. */
                project_id: components["parameters"]["projectId"];
                /** @description League. */
                league_id: components["parameters"]["leagueId"];
                /** @description Job. */
                job_id: components["parameters"]["jobId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "datasets": "018713527a1d49638eb27b305bc0cc8c.breast_hetero_mini_host.space_creator,0573513cac934b6aab79856c355ee7a2.ief_breast_hetero_mini_guest.space_creator",
                 *       "work_step": "MODEL_TRAIN",
                 *       "job_name": "ief_xg_fenlei_ief2cce",
                 *       "host_agent_id": "018713527a1d49638eb27b305bc0cc8c,0573513cac934b6aab79856c355ee7a2",
                 *       "algorithm_type": "XG_BOOST",
                 *       "learning_task_type": "CLASSIFICATION",
                 *       "label_dataset": "ief_breast_hetero_mini_guest",
                 *       "label": "y",
                 *       "label_agent": "0573513cac934b6aab79856c355ee7a2",
                 *       "host_agent_name": "agent_tics,agent_1656",
                 *       "features": [
                 *         {
                 *           "agent_id": "018713527a1d49638eb27b305bc0cc8c",
                 *           "dataset_name": "breast_hetero_mini_host",
                 *           "features": [
                 *             "x3",
                 *             "x4",
                 *             "x5"
                 *           ]
                 *         },
                 *         {
                 *           "agent_id": "0573513cac934b6aab79856c355ee7a2",
                 *           "dataset_name": "ief_breast_hetero_mini_guest",
                 *           "features": [
                 *             "x0",
                 *             "x1",
                 *             "x2"
                 *           ]
                 *         }
                 *       ]
                 *     }
                 */
                "application/json": components["schemas"]["UpdateVerticalJobRequest"];
            };
        };
        responses: {
            /** @description The job was saved. The body may be empty. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /** @example  */
                    "application/json": components["schemas"]["SavedVerticalJobText"];
                };
            };
            401: components["responses"]["Unauthorized"];
            default: components["responses"]["Error"];
        };
    };
    executeVerticalJob: {
        parameters: {
            query?: never;
            header: {
                /** @description Language of the service's texts. */
                "X-Language": components["parameters"]["language"];
            };
            path: {
                /** @description Project the account works in. */
                project_id: components["parameters"]["projectId"];
                /** @description League. */
                league_id: components["parameters"]["leagueId"];
                /** @description Job. */
                job_id: components["parameters"]["jobId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "job_instance_type": "VFL_TRAIN",
                 *       "job_creation_agent": "eb6756be3d1e47b08c27b7127cc8e546",
                 *       "model_param": {
                 *         "learning_rate": "0.5",
                 *         "epoch": 1,
                 *         "batch_size": 1,
                 *         "tree_num": 1,
                 *         "tree_depth": 1,
                 *         "split_num": 5,
                 *         "predict_threshold": "0.5"
                 *       },
                 *       "vfl_external_param": {
                 *         "dp.enabled": true,
                 *         "dp.epsilon": 10
                 *       }
                 *     }
                 */
                "application/json": components["schemas"]["ExecuteVerticalJobRequest"];
            };
        };
        responses: {
            /** @description The instance was started. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "job_instance_id": "7b0df147d6464ef2877b22f6d964d274"
                     *     }
                     */
                    "application/json": components["schemas"]["StartedLearningInstance"];
                };
            };
            401: components["responses"]["Unauthorized"];
            default: components["responses"]["Error"];
        };
    };
    getFeatureSelection: {
        parameters: {
            query: {
                /**
                 * @description Type of the instance whose result is asked for; VFL_FEATURE_SELECTION is the one that makes sense.
                 * @example VFL_FEATURE_SELECTION
                 */
                job_instance_type: "SQL" | "HFL" | "VFL_TRAIN" | "VFL_EVALUATE" | "VFL_FEATURE_SELECTION" | "VFL_SAMPLE_ALIGNMENT" | "VFL_PREDICT" | "VFL_ID_TRUNCATION";
            };
            header: {
                /** @description Language of the service's texts. */
                "X-Language": components["parameters"]["language"];
            };
            path: {
                /** @description Project the account works in. */
                project_id: components["parameters"]["projectId"];
                /** @description League. */
                league_id: components["parameters"]["leagueId"];
                /** @description Job. */
                job_id: components["parameters"]["jobId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The feature selection. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "instance_id": "099dc84fe4934adaa80d4f6035b90eac",
                     *       "binning_type": null,
                     *       "fs_status": "SUCCEEDED",
                     *       "result_ext": ""
                     *     }
                     */
                    "application/json": components["schemas"]["FeatureSelectionResult"];
                };
            };
            401: components["responses"]["Unauthorized"];
            default: components["responses"]["Error"];
        };
    };
    truncateIds: {
        parameters: {
            query?: never;
            header: {
                /** @description Language of the service's texts. */
                "X-Language": components["parameters"]["language"];
            };
            path: {
                /** @description Project the account works in. */
                project_id: components["parameters"]["projectId"];
                /** @description League. */
                league_id: components["parameters"]["leagueId"];
                /** @description Job. */
                job_id: components["parameters"]["jobId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "league_id": "8028984ce0b44b1cbdf20dff1ee41466",
                 *       "job_id": "d6660da0cc53434c92cb5ef8d543e80b",
                 *       "job_name": "aGDy1",
                 *       "host_agent_id": "eb6756be3d1e47b08c27b7127cc8e546",
                 *       "host_agent_name": "agent_高可用",
                 *       "label_agent_name": "agent_dayu_单节点",
                 *       "label_dataset": "breast_hetero_mini_guest",
                 *       "label_agent": "e7c3efdd9533495d8d5cb9836097b985",
                 *       "job_instance_type": "VFL_ID_TRUNCATION",
                 *       "id_column_name": "id",
                 *       "instance_id": "d6660da0cc53434c92cb5ef8d543e80b",
                 *       "prefix_count": 6,
                 *       "filters": []
                 *     }
                 */
                "application/json": components["schemas"]["TruncateIdsRequest"];
            };
        };
        responses: {
            /** @description The instance was started. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "job_instance_id": "7b0df147d6464ef2877b22f6d964d274"
                     *     }
                     */
                    "application/json": components["schemas"]["StartedLearningInstance"];
                };
            };
            401: components["responses"]["Unauthorized"];
            default: components["responses"]["Error"];
        };
    };
    calculateInformationValue: {
        parameters: {
            query?: never;
            header: {
                /** @description Language of the service's texts. */
                "X-Language": components["parameters"]["language"];
            };
            path: {
                /** @description Project the account works in. */
                project_id: components["parameters"]["projectId"];
                /** @description League. */
                league_id: components["parameters"]["leagueId"];
                /** @description Job. */
                job_id: components["parameters"]["jobId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "binning_type": "FREQUENCY",
                 *       "job_name": "aGDy1",
                 *       "featuresList": {
                 *         "dayu001.e7c3efdd9533495d8d5cb9836097b985.5afbc2c700f147459b42fc718fb0237c.breast_hetero_mini_guest": [
                 *           "x0"
                 *         ]
                 *       },
                 *       "job_instance_type": "VFL_FEATURE_SELECTION",
                 *       "label_dataset": "breast_hetero_mini_guest",
                 *       "label": "y",
                 *       "label_agent": "e7c3efdd9533495d8d5cb9836097b985",
                 *       "datasets": "e7c3efdd9533495d8d5cb9836097b985.breast_hetero_mini_guest.dayu001,eb6756be3d1e47b08c27b7127cc8e546.breast_hetero_mini_host_agent.space_creator",
                 *       "vfl_external_param": {
                 *         "dp.enabled": true,
                 *         "dp.epsilon": 10,
                 *         "dp.output.threshold.high.min": 0.6,
                 *         "dp.output.threshold.high.max": 0.9,
                 *         "dp.output.threshold.low.min": "0.1",
                 *         "dp.output.threshold.low.max": "0.4",
                 *         "dp.backpg.origin.num": "100",
                 *         "dp.output.threshold.adjust.num": "100",
                 *         "dp.supply.store.policy": "1"
                 *       },
                 *       "model_param": {
                 *         "split_num": 5
                 *       }
                 *     }
                 */
                "application/json": components["schemas"]["CalculateInformationValueRequest"];
            };
        };
        responses: {
            /** @description The instance was started. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "job_instance_id": "7b0df147d6464ef2877b22f6d964d274"
                     *     }
                     */
                    "application/json": components["schemas"]["StartedLearningInstance"];
                };
            };
            401: components["responses"]["Unauthorized"];
            default: components["responses"]["Error"];
        };
    };
    alignSamples: {
        parameters: {
            query?: never;
            header: {
                /** @description Language of the service's texts. */
                "X-Language": components["parameters"]["language"];
            };
            path: {
                /** @description Project the account works in. */
                project_id: components["parameters"]["projectId"];
                /** @description League. */
                league_id: components["parameters"]["leagueId"];
                /** @description Job. */
                job_id: components["parameters"]["jobId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "datasets": {
                 *         "eb6756be3d1e47b08c27b7127cc8e546": "breast_hetero_mini_host_agent",
                 *         "e7c3efdd9533495d8d5cb9836097b985": "breast_hetero_mini_guest"
                 *       },
                 *       "align_ids": {
                 *         "eb6756be3d1e47b08c27b7127cc8e546": "id",
                 *         "e7c3efdd9533495d8d5cb9836097b985": "id"
                 *       },
                 *       "agents": [
                 *         "eb6756be3d1e47b08c27b7127cc8e546",
                 *         "e7c3efdd9533495d8d5cb9836097b985"
                 *       ],
                 *       "agent_names": [
                 *         "agent_高可用",
                 *         "agent_dayu_单节点"
                 *       ],
                 *       "dataset_ids": [
                 *         "8ba00f1ba7fd4f2097f20cb336f64c64",
                 *         "5afbc2c700f147459b42fc718fb0237c"
                 *       ],
                 *       "algorithm": "OPRF",
                 *       "job_instance_type": "VFL_SAMPLE_ALIGNMENT",
                 *       "league_id": "8028984ce0b44b1cbdf20dff1ee41466",
                 *       "job_id": "d6660da0cc53434c92cb5ef8d543e80b",
                 *       "job_name": "aGDy1"
                 *     }
                 */
                "application/json": components["schemas"]["AlignSamplesRequest"];
            };
        };
        responses: {
            /** @description The instance was started. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "job_instance_id": "7b0df147d6464ef2877b22f6d964d274"
                     *     }
                     */
                    "application/json": components["schemas"]["StartedLearningInstance"];
                };
            };
            401: components["responses"]["Unauthorized"];
            default: components["responses"]["Error"];
        };
    };
    getSampleAlignment: {
        parameters: {
            query: {
                /** @description Type of the instance whose result is asked for. */
                job_instance_type: "VFL_SAMPLE_ALIGNMENT";
            };
            header: {
                /** @description Language of the service's texts. */
                "X-Language": components["parameters"]["language"];
            };
            path: {
                /** @description Project the account works in. */
                project_id: components["parameters"]["projectId"];
                /** @description League. */
                league_id: components["parameters"]["leagueId"];
                /** @description Job. */
                job_id: components["parameters"]["jobId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The sample alignment. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "datasets": "space_creator.breast_hetero_mini_host,space_creator.breast_hetero_mini_guest",
                     *       "instance_id": "d8578cd25708444ab40274e617b67a03",
                     *       "job_instance_type": "VFL_SAMPLE_ALIGNMENT",
                     *       "sa_status": "SUCCEEDED",
                     *       "data_count": 569,
                     *       "obs_path": "/output/fl/4f41b7edc26a4305be9262416de65477/d8578cd25708444ab40274e617b67a03/alignedIds.csv",
                     *       "start_time": "2022-04-21T03:31:35.000+00:00",
                     *       "end_time": "2022-04-21T03:31:38.000+00:00",
                     *       "result_ext": null
                     *     }
                     */
                    "application/json": components["schemas"]["SampleAlignmentResult"];
                };
            };
            401: components["responses"]["Unauthorized"];
            default: components["responses"]["Error"];
        };
    };
}
