// Generated from schema/ by `npm run generate`. Do not edit.
export interface paths {
    "/v3/auth/tokens": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Get an IAM token
         * @description Signs an account in with its password, for one project, and answers the token in the response header X-Subject-Token. The body says how long it lives (24 hours) and what it opens, and does not hold the token.
         */
        post: operations["createToken"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v3/projects": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List projects
         * @description The projects the account has, one for each region it uses. The id of the one whose name is the region's id is the project id that every path of the space plane asks for.
         */
        get: operations["listProjects"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/{project_id}/leagues/{league_id}/datasets-statistics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * How often datasets were used
         * @description How often each dataset of the league was used, and how often its use was intercepted, in total over the days asked for. A bare array, not paged.
         */
        get: operations["getDatasetStatistics"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/{project_id}/leagues/{league_id}/jobs-statistics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * How many jobs and instances there were
         * @description How many jobs the league has and how their instances ended, in total over the days asked for.
         */
        get: operations["getJobStatistics"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/{project_id}/leagues/{league_id}/partners-statistics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What partners did
         * @description What each partner of the league did: accesses, jobs and instances, in total over the days asked for. A bare array, not paged.
         */
        get: operations["getPartnerStatistics"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/{project_id}/overview/statistics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What the account has
         * @description Counts over everything the account sees: its leagues and agents, what ran, and the notices that wait to be handled.
         */
        get: operations["getOverview"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/{project_id}/leagues/{league_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read a league
         * @description All there is to know of one league, with the settings that the list leaves out: description, privacy protection, differential privacy, access control, approval, resource specification.
         */
        get: operations["getLeague"];
        /**
         * Change a league
         * @description Changes the league's description, privacy protection and differential privacy; what is left out stays as it is. The answer may be empty; the reference says a string and shows none.
         */
        put: operations["updateLeague"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/{project_id}/leagues/{league_id}/nodes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the nodes of a league
         * @description The trusted nodes of the league, that is agents, aggregators, managers of aggregators and control nodes, with their health and, where there is a standby, their part in it.
         */
        get: operations["listLeagueNodes"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/{project_id}/league-info": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List leagues
         * @description Either the leagues the account owns or those it has joined; both together take two calls. Rows lack the settings that `getLeague` answers.
         */
        get: operations["listLeagues"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/{project_id}/leagues/{league_id}/partners": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the partners of a league
         * @description The partners of the league, its creator among them, and whether each has joined.
         */
        get: operations["listPartners"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/{project_id}/notices": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List notices of membership
         * @description Invitations to leagues and what became of them, each with the league and its partners. In the league of a notice many fields are left at 0 (partners, create_time), which says nothing about the league itself.
         */
        get: operations["listMembershipNotices"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/{project_id}/leagues/{league_id}/datasets": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Datasets registered in a league
         * @description Answers the datasets that the partners have published to the league, with their columns and the privacy settings of each. The columns come as `columnList` or as `column_list`. A row names its partner but not its agent.
         */
        get: operations["listLeagueDatasets"];
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
         * @description Answers the federated SQL jobs of the league with their state of approval. The agent plane serves the same path with slightly different rows; neither names the agent of a job.
         */
        get: operations["listLeagueSqlJobs"];
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
         * Federated learning jobs of a league
         * @description Answers the horizontal and vertical federated learning jobs of the league with their state of approval. Here a job's id and name are called `job_id` and `job_name`, unlike in the SQL list. The agent plane serves the same path with slightly different rows.
         */
        get: operations["listLeagueFlJobs"];
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
         * Instances of a league or of one job
         * @description Answers the runs of the league's jobs, or of one job when `job_id` is given. A row carries no job id, so the job is known only from the request.
         */
        get: operations["listLeagueInstances"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/{project_id}/leagues/{league_id}/job-instances/{instance_id}/dag": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Execution graph of one round of an instance
         * @description Answers a bare, flat array with one entry for each node that took part in the round, each with its stages and their tasks. The edges are in `last_step_stage_id` and `last_step_task_ins_id`, which point upstream and may cross nodes.
         */
        get: operations["getExecutionGraph"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/{project_id}/leagues/{league_id}/job-instances/{instance_id}/report": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Report of an instance
         * @description Answers what an instance was, where it ran, whose datasets it used, what it put out, and the execution graph of every round. Training and evaluation put their metrics in `job_report_output.metrics`.
         */
        get: operations["getInstanceReport"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/{project_id}/leagues/{league_id}/audit-info": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Audit log of a league
         * @description Answers who did what in the league, from which agent and with what outcome. What was done is one sentence of text in `event_info`; it names the job by its id.
         */
        get: operations["listAuditEvents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/{project_id}/agents": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Agents of a project
         * @description Answers the agents of the project with their league, version and state of deployment. Both filters are fuzzy, so an exact name may bring more rows than one and `total` counts them all.
         */
        get: operations["listAgents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/{project_id}/agents/{agent_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * How one agent is deployed
         * @description Answers the deployment of an agent: what it is, where it runs, its blockchain, its gateway and its machine. The agent's own API is at `console_ip`:`console_port` of `agent_deploy_detail`; a failover of a high-availability agent changes that address.
         */
        get: operations["getAgentDeployment"];
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
        /** @description A decimal number, as a number or as digits. */
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
        /** @description Sign-in with a password, for one project. */
        CreateTokenRequest: {
            /** @description Who signs in, and for what. */
            auth: components["schemas"]["TokenAuthentication"];
        };
        /** @description Who signs in, and for what. */
        TokenAuthentication: {
            /** @description Who signs in. */
            identity: components["schemas"]["TokenIdentity"];
            /** @description What the token is for. */
            scope: components["schemas"]["TokenScope"];
        };
        /** @description Who signs in, and how that is proved. */
        TokenIdentity: {
            /** @description How it is proved; by password only. */
            methods: "password"[];
            /** @description The proof by password. */
            password: components["schemas"]["TokenPassword"];
        };
        /** @description The proof by password. */
        TokenPassword: {
            /** @description The user and the password. */
            user: components["schemas"]["TokenUserPassword"];
        };
        /** @description A user and the user's password. */
        TokenUserPassword: {
            /** @description Name of the user. */
            name: string;
            /**
             * Format: password
             * @description Password of the user.
             */
            password: string;
            /** @description The account (domain) that the user belongs to. */
            domain: components["schemas"]["TokenUserDomain"];
        };
        /** @description The account (domain) that a user belongs to. */
        TokenUserDomain: {
            /** @description Name of the account. */
            name: string;
        };
        /** @description What a token is for; TICS accepts tokens for a project only. */
        TokenScope: {
            /** @description The project. */
            project: components["schemas"]["TokenScopeProject"];
        };
        /** @description The project a token is for, by its id or by its name, which is the region's id. */
        TokenScopeProject: {
            /** @description Id of the project. */
            id?: string;
            /** @description Name of the project. */
            name?: string;
        };
        /** @description What a sign-in answers beside the token itself. */
        IamTokenBody: {
            /** @description The token described. */
            token?: components["schemas"]["IamToken"];
        };
        /** @description A token described; the token itself is in the response header. */
        IamToken: {
            /** @description When the token ends, in UTC with six digits of a second. */
            expires_at?: components["schemas"]["Timestamp"];
            /** @description When the token was made, in UTC with six digits of a second. */
            issued_at?: components["schemas"]["Timestamp"];
            /** @description How the sign-in was proved. */
            methods?: string[];
            /** @description The services the token opens, with their endpoints. */
            catalog?: components["schemas"]["IamCatalogEntry"][];
            /** @description What the user may do. */
            roles?: components["schemas"]["IamRole"][];
            /** @description The project the token is for. */
            project?: components["schemas"]["IamTokenProject"];
            /** @description The user who signed in. */
            user?: components["schemas"]["IamTokenUser"];
        };
        /** @description A service and its endpoints. */
        IamCatalogEntry: {
            /** @description Where the service is. */
            endpoints?: components["schemas"]["IamCatalogEndpoint"][];
            /** @description Id of the service. */
            id?: string | null;
            /** @description Name of the service. */
            name?: string | null;
            /** @description Kind of the service. */
            type?: string | null;
        };
        /** @description Where a service is. */
        IamCatalogEndpoint: {
            /** @description Id of the endpoint. */
            id?: string | null;
            /** @description Who the endpoint is for; public means the public network. */
            interface?: string | null;
            /** @description Region of the endpoint. */
            region?: string | null;
            /** @description Id of the region. */
            region_id?: string | null;
            /** @description Address of the endpoint. */
            url?: string | null;
        };
        /** @description Something the user may do. */
        IamRole: {
            /** @description Id of the role. */
            id?: string | null;
            /** @description Name of the role. */
            name?: string | null;
        };
        /** @description The account (domain) behind a project or a user. */
        IamTokenDomain: {
            /** @description Id of the account. */
            id?: string | null;
            /** @description Name of the account. */
            name?: string | null;
        };
        /** @description The project a token is for. */
        IamTokenProject: {
            /** @description The account the project belongs to. */
            domain?: components["schemas"]["IamTokenDomain"];
            /** @description Id of the project, the project_id of the space plane. */
            id?: string | null;
            /** @description Name of the project. */
            name?: string | null;
        };
        /** @description The user who signed in. */
        IamTokenUser: {
            /** @description The account the user belongs to. */
            domain?: components["schemas"]["IamTokenDomain"];
            /** @description Id of the user. */
            id?: string | null;
            /** @description Name of the user. */
            name?: string | null;
            /** @description When the password ends; empty means never. */
            password_expires_at?: components["schemas"]["Timestamp"];
        };
        /** @description Projects of an account. */
        IamProjectList: {
            /** @description The projects. */
            projects?: components["schemas"]["IamProject"][];
            /** @description Where this list and its neighbours are. */
            links?: components["schemas"]["IamLinks"];
        };
        /** @description A project: what one account has in one region. */
        IamProject: {
            /** @description Id of the account the project belongs to. */
            domain_id?: string | null;
            /** @description Whether the project stands for a whole account. */
            is_domain?: components["schemas"]["Flag"];
            /** @description Id of what the project lies under, usually the account. */
            parent_id?: string | null;
            /** @description Name of the project, usually the region's id. */
            name?: string | null;
            /** @description Description of the project. */
            description?: string | null;
            /** @description Where the project is. */
            links?: components["schemas"]["IamLinks"];
            /** @description Id of the project, the project_id of the space plane. */
            id?: string | null;
            /** @description Whether the project can be used. */
            enabled?: components["schemas"]["Flag"];
        };
        /** @description Addresses of a resource and its neighbours. */
        IamLinks: {
            /** @description The next page, null when there is none. */
            next?: string | null;
            /** @description The page before, null when there is none. */
            previous?: string | null;
            /** @description The resource itself. */
            self?: string | null;
        };
        /** @description The error shape of IAM. */
        IamErrorBody: {
            /** @description What was wrong. */
            error: components["schemas"]["IamErrorDetail"];
        };
        /** @description What was wrong, in IAM's words. */
        IamErrorDetail: {
            /** @description The HTTP status again, or a code of IAM such as IAM.0001. */
            code?: number | string | null;
            /** @description What happened. */
            message?: string | null;
            /** @description The HTTP status in words. */
            title?: string | null;
        };
        /** @description How often one dataset was used. */
        DatasetStatisticsRow: {
            /** @description Id of the dataset. */
            dataset_id?: string | null;
            /** @description Name of the dataset. */
            dataset_name?: string | null;
            /** @description How often the dataset was used. */
            dataset_use_cnt?: components["schemas"]["Count"];
            /** @description How often a use of the dataset was intercepted. */
            dataset_intercept_cnt?: components["schemas"]["Count"];
            /** @description Account name of the partner that owns the dataset. */
            dataset_domain_name?: string | null;
            /** @description Alias of that partner in the league. */
            dataset_domain_alias?: string | null;
        };
        /** @description How many jobs a league has, and how their instances ended. */
        JobStatistics: {
            /** @description How many jobs there are. */
            job_cnt?: components["schemas"]["Count"];
            /** @description How many instances there were. */
            job_ins_cnt?: components["schemas"]["Count"];
            /** @description How many instances succeeded. */
            job_ins_success_cnt?: components["schemas"]["Count"];
            /** @description The same as job_ins_success_cnt, as the reference's table spells it. */
            job_ins_successes_cnt?: components["schemas"]["Count"];
            /** @description How many instances failed. */
            job_ins_fail_cnt?: components["schemas"]["Count"];
            /** @description How many instances were intercepted. */
            job_ins_intercept_cnt?: components["schemas"]["Count"];
            /** @description The same as job_ins_intercept_cnt, as the reference's table spells it. */
            job_ins_intercepted_cnt?: components["schemas"]["Count"];
        };
        /** @description What one partner of a league did. */
        PartnerStatisticsRow: {
            /** @description Account name of the partner. */
            partner_domain_name?: string | null;
            /** @description Alias of the partner in the league. */
            partner_domain_alias?: string | null;
            /** @description How often the partner accessed the league. */
            partner_access_cnt?: components["schemas"]["Count"];
            /** @description How many jobs the partner has. */
            partner_job_cnt?: components["schemas"]["Count"];
            /** @description How many instances the partner ran. */
            partner_job_ins_cnt?: components["schemas"]["Count"];
            /** @description How many of them succeeded. */
            partner_job_ins_success_cnt?: components["schemas"]["Count"];
            /** @description How many of them failed. */
            partner_job_ins_fail_cnt?: components["schemas"]["Count"];
            /** @description How many of them were intercepted. */
            partner_job_ins_intercept_cnt?: components["schemas"]["Count"];
        };
        /** @description Counts over everything the account sees. */
        Overview: {
            /** @description How many agents there are. */
            agent_cnt?: components["schemas"]["Count"];
            /** @description How many instances have been run. */
            instance_cnt?: components["schemas"]["Count"];
            /** @description How many leagues in effect there are. */
            league_cnt?: components["schemas"]["Count"];
            /** @description How many notices wait to be handled. */
            notice_to_handle_cnt?: components["schemas"]["Count"];
        };
        /** @description A league with its settings. */
        LeagueDetail: {
            /** @description Id of the league. */
            id?: string | null;
            /** @description Name of the league. */
            name?: string | null;
            /** @description Description of the league. */
            description?: string | null;
            /** @description How many members the league has. */
            partners?: components["schemas"]["Count"];
            /** @description State of the league. CREATING and CREATE_FAILED: being created, not created; NORMAL: usable; UPDATING and UPDATE_FAILED: being upgraded, not upgraded; ROLLING and ROLL_FAILED: being rolled back, not rolled back; DELETING and DELETE_FAILED: being deleted, not deleted; DELETED: gone. */
            league_status?: string | null;
            /** @description Part that the account has in the league. OWNER: it created the league; PARTNER: it joined. */
            type?: string | null;
            /** @description Id of the user who created the league. */
            creator_id?: string | null;
            /** @description Name of the user who created the league. */
            creator_name?: string | null;
            /** @description When the league was created, in milliseconds since 1970. */
            create_time?: components["schemas"]["Timestamp"];
            /** @description The same instant in ISO 8601. */
            create_date?: components["schemas"]["Timestamp"];
            /** @description When the league ends; 0 means never. */
            expire_time?: components["schemas"]["Timestamp"];
            /** @description Whether access to the league is controlled. */
            is_access_control?: components["schemas"]["Flag"];
            /** @description Whether jobs need approval before they run. */
            is_need_approval?: components["schemas"]["Flag"];
            /** @description Level of privacy protection. STANDARD: standard; HIGH: high. */
            privacy_protection_type?: string | null;
            /** @description Version of the league. */
            version?: string | null;
            /** @description Whether differential privacy is on. */
            dp_enabled?: components["schemas"]["Flag"];
            /** @description Resource specification of the league. */
            resource_spec_code?: string | null;
            /** @description Id of the blockchain service (BCS) instance that records the league. */
            block_chain_id?: string | null;
            /** @description Name of that blockchain instance. */
            block_chain_name?: string | null;
            /** @description Channel of the blockchain that the league uses. */
            bcs_channel_name?: string | null;
            /** @description Organization of the blockchain that the league uses. */
            bcs_org_name?: string | null;
            /** @description Address of the blockchain's browser. */
            bcs_ip?: string | null;
        };
        /** @description What to change in a league; what is left out stays as it is. */
        UpdateLeagueRequest: {
            /** @description Description of the league. */
            description?: string;
            /** @description Whether differential privacy is on. */
            dp_enabled?: boolean;
            /**
             * @description Level of privacy protection, STANDARD or HIGH.
             * @enum {string}
             */
            privacy_protection_type?: "STANDARD" | "HIGH";
        };
        /** @description Nodes of a league. */
        LeagueNodeRowList: {
            /** @description How many nodes there are in all, whatever the limit. */
            total?: components["schemas"]["Count"];
            /** @description The nodes asked for. */
            lists?: components["schemas"]["LeagueNodeRow"][];
        };
        /** @description A trusted node of a league. */
        LeagueNodeRow: {
            /** @description Id of the node. */
            node_id?: string | null;
            /** @description Name of the node, for some an address. */
            node_name?: string | null;
            /** @description Kind of the node. AGENT: agent; AGG: aggregator; AGG_MANAGER: manager of aggregators; SERVER: control node. */
            ne_node_type?: string | null;
            /** @description How the node is deployed. CCE: in a container cluster; IEF: at the edge. */
            ne_deploy_type?: string | null;
            /** @description State of the node. INIT: initialized; UNKNOWN: not known; OFFLINE: not reachable; ONLINE: reachable; FAULT: faulty; TRUSTING: trust being established; TRUST: trusted. */
            ne_status?: string | null;
            /** @description When the node last changed. */
            update_time?: components["schemas"]["Timestamp"];
            /** @description Alias of the partner whose node it is; left out for nodes of the league. */
            partner_alias?: string | null;
            /** @description When the node was created. */
            create_time?: components["schemas"]["Timestamp"];
            /** @description Part of the node in a pair with standby. ACTIVE: it works; STANDBY: it waits; left out for single nodes. */
            ha_mode?: string | null;
        };
        /** @description Leagues. */
        LeagueRowList: {
            /** @description How many leagues there are in all, whatever the limit. */
            total?: components["schemas"]["Count"];
            /** @description The leagues asked for. */
            lists?: components["schemas"]["LeagueRow"][];
        };
        /** @description A league as the list shows it, without its settings. */
        LeagueRow: {
            /** @description Id of the league. */
            id?: string | null;
            /** @description Name of the league. */
            name?: string | null;
            /** @description How many members the league has. */
            partners?: components["schemas"]["Count"];
            /** @description State of the league. CREATING and CREATE_FAILED: being created, not created; NORMAL: usable; UPDATING and UPDATE_FAILED: being upgraded, not upgraded; ROLLING and ROLL_FAILED: being rolled back, not rolled back; DELETING and DELETE_FAILED: being deleted, not deleted; DELETED: gone. */
            league_status?: string | null;
            /** @description Part that the account has in the league. OWNER: it created the league; PARTNER: it joined. */
            type?: string | null;
            /** @description Id of the user who created the league. */
            creator_id?: string | null;
            /** @description Name of the user who created the league. */
            creator_name?: string | null;
            /** @description When the league was created, in milliseconds since 1970. */
            create_time?: components["schemas"]["Timestamp"];
            /** @description The same instant in ISO 8601. */
            create_date?: components["schemas"]["Timestamp"];
            /** @description When the league ends; 0 means never. */
            expire_time?: components["schemas"]["Timestamp"];
            /** @description Version of the league. */
            version?: string | null;
            /** @description Id of the blockchain service (BCS) instance that records the league. */
            block_chain_id?: string | null;
            /** @description Name of that blockchain instance. */
            block_chain_name?: string | null;
            /** @description Channel of the blockchain that the league uses. */
            bcs_channel_name?: string | null;
            /** @description Organization of the blockchain that the league uses. */
            bcs_org_name?: string | null;
            /** @description Address of the blockchain's browser. */
            bcs_ip?: string | null;
        };
        /** @description Partners of a league. */
        LeaguePartnerRowList: {
            /** @description How many partners there are in all, whatever the limit. */
            total?: components["schemas"]["Count"];
            /** @description The partners asked for. */
            lists?: components["schemas"]["LeaguePartnerRow"][];
        };
        /** @description A partner of a league. */
        LeaguePartnerRow: {
            /** @description Id of the partner in the league. */
            id?: string | null;
            /** @description Account name of the partner. */
            partner_domain_name?: string | null;
            /** @description Alias of the partner in the league. */
            partner_domain_alias?: string | null;
            /** @description State of the partner. JOINED: has joined; JOIN_PENDING_APPROVAL: waits to be let in; JOIN_REJECTED: was not let in; QUIT: has left. */
            partner_status?: string | null;
        };
        /** @description Notices of membership. */
        MembershipNoticeRowList: {
            /** @description How many notices there are in all, whatever the limit. */
            total?: components["schemas"]["Count"];
            /** @description The notices asked for. */
            lists?: components["schemas"]["MembershipNoticeRow"][];
        };
        /** @description A notice of membership of a league. */
        MembershipNoticeRow: {
            /** @description The league, in part. */
            league?: components["schemas"]["MembershipNoticeLeague"];
            /** @description The partners of the league. */
            partners?: components["schemas"]["LeaguePartnerRow"][];
            /** @description Id of the league. */
            league_id?: string | null;
            /** @description Name of the league. */
            league_name?: string | null;
            /** @description Id of the partner that the notice is about. */
            partner_id?: string | null;
            /** @description Account name of that partner. */
            domain_name?: string | null;
            /** @description Alias of that partner in the league. */
            domain_alias?: string | null;
            /** @description State of the partner. JOINED: has joined; JOIN_PENDING_APPROVAL: waits to be let in; JOIN_REJECTED: was not let in; QUIT: has left. */
            partner_status?: string | null;
            /** @description Id of the user who made the notice. */
            creator_id?: string | null;
            /** @description Name of the user who made the notice. */
            creator_name?: string | null;
            /** @description When the notice was made. */
            create_time?: components["schemas"]["Timestamp"];
            /** @description When the notice last changed. */
            update_time?: components["schemas"]["Timestamp"];
            /** @description Id of the user who last changed the notice. */
            update_id?: string | null;
            /** @description Name of the user who last changed the notice. */
            update_name?: string | null;
        };
        /** @description The league of a notice; numbers in it are often left at 0. */
        MembershipNoticeLeague: {
            /** @description Id of the league. */
            id?: string | null;
            /** @description Name of the league. */
            name?: string | null;
            /** @description Description of the league. */
            description?: string | null;
            /** @description How many members the league has; often left at 0. */
            partners?: components["schemas"]["Count"];
            /** @description Name of the user who created the league. */
            creator_name?: string | null;
            /** @description When the league was created; often left at 0. */
            create_time?: components["schemas"]["Timestamp"];
            /** @description When the league ends; 0 means never. */
            expire_time?: components["schemas"]["Timestamp"];
            /** @description Id of the blockchain service (BCS) instance that records the league. */
            block_chain_id?: string | null;
            /** @description Name of that blockchain instance. */
            block_chain_name?: string | null;
            /** @description Channel of the blockchain that the league uses. */
            bcs_channel_name?: string | null;
            /** @description Organization of the blockchain that the league uses. */
            bcs_org_name?: string | null;
            /** @description Address of the blockchain's browser. */
            bcs_ip?: string | null;
        };
        /** @description One slice of the datasets of a league. */
        LeagueDatasetRowList: {
            /** @description How many datasets there are in all. */
            total?: components["schemas"]["Count"];
            /** @description The datasets of the slice. */
            lists?: components["schemas"]["LeagueDatasetRow"][];
        };
        /** @description A dataset registered in a league. */
        LeagueDatasetRow: {
            /** @description Id of the dataset. */
            id?: string | null;
            /** @description Name of the dataset. */
            name?: string | null;
            /** @description What the dataset holds, in the words of its owner. */
            description?: string | null;
            /** @description Columns of the dataset; `column_list` is the same. */
            columnList?: components["schemas"]["LeagueDatasetColumn"][];
            /** @description Columns of the dataset; `columnList` is the same. */
            column_list?: components["schemas"]["LeagueDatasetColumn"][];
            /** @description Kind of source: DWS, LOCAL_CSV (a local file), MRS (Hive), MYSQL, ORACLE, RDS. */
            data_type?: string | null;
            /** @description Account name of the partner who owns the dataset. */
            partner_domain_name?: string | null;
            /** @description When the dataset was registered. */
            create_time?: components["schemas"]["Timestamp"];
        };
        /** @description A column of a dataset registered in a league. */
        LeagueDatasetColumn: {
            /** @description Id of the dataset the column belongs to. */
            data_id?: string | null;
            /** @description Name of the column. */
            column_name?: string | null;
            /** @description Data type of the column, for example STRING or FLOAT. */
            data_type?: string | null;
            /** @description Remarks on the column. */
            comments?: string | null;
            /** @description Role in federated learning: UNIQUE_ID (identifies a row), FEATURE, LABEL, FILTER (rows are filtered by it). */
            fl_label_type?: string | null;
            /** @description Kind of a feature: CONTINUOUS or DISCRETE. Left out for columns that are no features. */
            feature_type?: string | null;
            /** @description Whether the values are discrete. */
            is_discrete?: components["schemas"]["Flag"];
            /** @description Length of the data type. */
            length?: number | null;
            /** @description Scale of the data type, digits after the point. */
            sacle?: number | null;
            /** @description What is done to the values before they leave: NONE (nothing), HASH, MASK, ANONYMIZE. */
            privacy_policy?: string | null;
            /** @description Description of the privacy policy. */
            privacy_policy_ext?: string | null;
            /** @description Privacy class in federated analysis: NON_SENSITIVE, SENSITIVE, UNIQUE_ID (unique key). */
            sql_col_privacy_type?: string | null;
        };
        /** @description One slice of the SQL jobs of a league. */
        LeagueSqlJobRowList: {
            /** @description How many SQL jobs there are in all. */
            total?: components["schemas"]["Count"];
            /** @description The jobs of the slice. */
            lists?: components["schemas"]["LeagueSqlJobRow"][];
        };
        /** @description A federated SQL job as the league sees it. */
        LeagueSqlJobRow: {
            /** @description Id of the job. */
            id?: string | null;
            /** @description Name of the job. */
            name?: string | null;
            /** @description What the job is for. */
            description?: string | null;
            /** @description Whether the job has been deleted. */
            deleted?: components["schemas"]["Flag"];
            /** @description Type of the job: SQL (federated analysis), HFL (horizontal learning), VFL (vertical learning), PREDICT (prediction), DATA_EXCHANGE (exchange of data). */
            job_type?: string | null;
            /** @description Account id of the partner who started the job. */
            domain_id?: string | null;
            /** @description Id of the league. */
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
            /** @description State of approval: NEW (not submitted), APPROVING (under review), APPROVED, REJECTED, REVOKED (withdrawn). */
            approval_status?: string | null;
        };
        /** @description One slice of the federated learning jobs of a league. */
        LeagueFlJobRowList: {
            /** @description How many learning jobs there are in all. */
            total?: components["schemas"]["Count"];
            /** @description The jobs of the slice. */
            lists?: components["schemas"]["LeagueFlJobRow"][];
        };
        /** @description A federated learning job as the league sees it. */
        LeagueFlJobRow: {
            /** @description Id of the job. */
            job_id?: string | null;
            /** @description Name of the job. */
            job_name?: string | null;
            /** @description What the job is for. */
            description?: string | null;
            /** @description Type of the job: SQL (federated analysis), HFL (horizontal learning), VFL (vertical learning), PREDICT (prediction), DATA_EXCHANGE (exchange of data). */
            job_type?: string | null;
            /** @description Name of the user who created the job. */
            creator_name?: string | null;
            /** @description When the job was created. */
            create_time?: components["schemas"]["Timestamp"];
            /** @description What the job does: TRAIN (trains a model) or EVALUATE (evaluates one). Vertical jobs carry it too. */
            hfl_type?: string | null;
            /** @description Platform the job runs on: LOCAL. */
            hfl_platform_type?: string | null;
            /** @description Algorithm of a vertical job: XG_BOOST (XGBoost), LIGHT_BGM (LightGBM), LOGISTIC_REGRESSION, NEURAL_NETWORK, FIBINET (FiBiNET). */
            algorithm_type?: string | null;
            /** @description Task of a vertical job: CLASSIFICATION or REGRESSION. */
            learning_task_type?: string | null;
            /** @description State of approval: NEW (not submitted), APPROVING (under review), APPROVED, REJECTED, REVOKED (withdrawn). */
            approval_status?: string | null;
            /** @description Whether one partner alone predicts, rather than both. */
            is_single_predict?: components["schemas"]["Flag"];
            /** @description Parameters and other extra information. */
            ext?: components["schemas"]["JsonText"];
        };
        /** @description One slice of the instances of a league. */
        LeagueInstanceRowList: {
            /** @description How many instances there are in all. */
            total?: components["schemas"]["Count"];
            /** @description The instances of the slice. */
            lists?: components["schemas"]["LeagueInstanceRow"][];
        };
        /** @description An instance, one run of a job, as the league sees it. */
        LeagueInstanceRow: {
            /** @description Id of the instance. */
            id?: string | null;
            /** @description State of the run. SUBMITING is being submitted; SUCCEEDED, FAILED and TERMINATED are final. */
            status?: string | null;
            /** @description Name of the job. */
            job_name?: string | null;
            /** @description What was run: SQL (federated analysis), HFL (horizontal learning), VFL_TRAIN, VFL_EVALUATE, VFL_PREDICT, VFL_ID_TRUNCATION, VFL_FEATURE_SELECTION and VFL_SAMPLE_ALIGNMENT (steps of vertical learning), PIR_SQL (private retrieval). */
            job_instance_type?: string | null;
            /** @description The partners who took part. */
            job_partner?: string | null;
            /** @description How many rounds the run had. */
            round_id?: number | null;
            /** @description When the run began. */
            start_time?: components["schemas"]["Timestamp"];
            /** @description When the run ended. */
            end_time?: components["schemas"]["Timestamp"];
            /** @description Whether one partner alone predicts, rather than both. */
            is_single_predict?: components["schemas"]["Flag"];
            /** @description Parameters and other extra information. */
            ext?: components["schemas"]["JsonText"];
            /** @description The result in short: a number, metrics, empty, or null. */
            result_ext?: components["schemas"]["JsonText"];
        };
        /** @description The execution graph of one round, as the nodes that took part in it. */
        ExecutionGraph: components["schemas"]["ExecutionGraphNode"][];
        /** @description A node that took part in a round, with what it did. */
        ExecutionGraphNode: {
            /** @description Id of the node: an agent id, or the word AGG for the aggregator. */
            node_id?: string | null;
            /** @description Name of the node. */
            node_name?: string | null;
            /** @description AGENT (trusted compute node), AGG (aggregator), AGG_MANAGER (manager of aggregators), SERVER (controller). */
            node_type?: string | null;
            /** @description Alias of the partner who owns the node; empty for an aggregator. */
            node_partner_alias?: string | null;
            /** @description Stages that ran on the node. */
            stages?: components["schemas"]["ExecutionGraphStage"][];
        };
        /** @description A stage of a run on one node. */
        ExecutionGraphStage: {
            /** @description Id of the stage. */
            id?: number | null;
            /** @description Name of the stage. */
            stage_name?: string | null;
            /** @description Tasks of the stage. */
            processors?: components["schemas"]["ExecutionGraphTask"][];
            /** @description Ids of the stages upstream, perhaps on other nodes. */
            last_step_stage_id?: number[];
        };
        /** @description A task of a stage. */
        ExecutionGraphTask: {
            /** @description Id of the task, with the id of the machine that ran it. */
            id?: string | null;
            /** @description Name of the task. */
            task_name?: string | null;
            /** @description Ids of the tasks upstream, perhaps on other nodes. */
            last_step_task_ins_id?: string[];
            /** @description When the task began. */
            start_time?: components["schemas"]["Timestamp"];
            /** @description When the task ended. */
            end_time?: components["schemas"]["Timestamp"];
            /** @description How long the task took, in milliseconds whatever the name says. */
            exec_duration_nano?: components["schemas"]["Count"];
            /** @description How many records went in. */
            task_in_record_cnt?: components["schemas"]["Count"];
            /** @description How many records came out. */
            task_out_record_cnt?: components["schemas"]["Count"];
            /** @description State of the task. SUBMITING is being submitted; SUCCEEDED, FAILED and TERMINATED are final. */
            task_status?: string | null;
            /** @description What the task shows of itself, by name: times such as 2022/11/03 21:34:35 GMT+8:00, durations such as 359ms, counts, datasets, SQL. The names differ from task to task. */
            task_show_info?: {
                [key: string]: string | number | boolean | null;
            } | null;
        };
        /** @description The report of an instance. */
        InstanceReport: {
            /** @description What was run. */
            job_report_base_info?: components["schemas"]["InstanceReportBase"];
            /** @description Whose datasets were used. */
            job_report_partners?: components["schemas"]["InstanceReportPartner"][];
            /** @description Where it ran. */
            job_report_env?: components["schemas"]["InstanceReportEnvironment"];
            /** @description What it put out. */
            job_report_output?: components["schemas"]["InstanceReportOutput"];
            /** @description The execution graph of each round. */
            round_deploys?: components["schemas"]["InstanceReportRound"][];
        };
        /** @description What was run. */
        InstanceReportBase: {
            /** @description State of the run. SUBMITING is being submitted; SUCCEEDED, FAILED and TERMINATED are final. */
            status?: string | null;
            /** @description Who started the run. */
            executor?: string | null;
            /** @description Name of the job. */
            job_name?: string | null;
            /** @description Type of the instance, not of the job: SQL (federated analysis), HFL (horizontal learning), VFL_TRAIN, VFL_EVALUATE, VFL_PREDICT, VFL_ID_TRUNCATION, VFL_FEATURE_SELECTION and VFL_SAMPLE_ALIGNMENT (steps of vertical learning), PIR_SQL (private retrieval). */
            job_type?: string | null;
            /** @description What a horizontal job does: TRAIN (trains a model) or EVALUATE (evaluates one). */
            hfl_type?: string | null;
            /** @description When the run took place. */
            exe_time?: components["schemas"]["Timestamp"];
        };
        /** @description A dataset used by a run, and its owner. */
        InstanceReportPartner: {
            /** @description Account name of the partner. */
            partner_domain_name?: string | null;
            /** @description Alias of the partner in the league. */
            partner_domain_alias?: string | null;
            /** @description Name of the dataset. */
            dataset_name?: string | null;
            /** @description Name of the agent that holds the dataset. */
            agent_name?: string | null;
            /** @description How many records the agent put out. */
            data_output_cnt?: components["schemas"]["Count"];
            /** @description The same as data_output_cnt, as the reference's table spells it. */
            data_output_count?: components["schemas"]["Count"];
        };
        /** @description Where a run took place. */
        InstanceReportEnvironment: {
            /** @description Region. */
            region_id?: string | null;
            /** @description Id of the project. */
            project_id?: string | null;
            /** @description Id of the league. */
            league_id?: string | null;
            /** @description Name of the league. */
            league_name?: string | null;
            /** @description Name of the aggregator. */
            agg_name?: string | null;
        };
        /** @description What a run put out. */
        InstanceReportOutput: {
            /** @description Extra information. */
            ext?: components["schemas"]["JsonText"];
            /** @description Metrics of the model. */
            metrics?: components["schemas"]["InstanceReportMetrics"];
            /** @description Aliases of the partners who hold the result, separated by commas. */
            result_storage_domain_alias?: string | null;
            /** @description Names of the agents that hold the result, separated by commas. */
            result_storage_agent_name?: string | null;
        };
        /** @description Metrics of a trained or evaluated model. */
        InstanceReportMetrics: {
            /** @description Share of right answers. */
            accuracy?: components["schemas"]["Decimal"];
            /** @description Area under the ROC curve. */
            auc?: components["schemas"]["Decimal"];
            /** @description F1 score. */
            f1?: components["schemas"]["Decimal"];
            /** @description Kolmogorov-Smirnov statistic. */
            ks?: components["schemas"]["Decimal"];
            /** @description Recall. */
            recall?: components["schemas"]["Decimal"];
            /** @description Precision. */
            precision?: components["schemas"]["Decimal"];
        };
        /** @description One round of a run. */
        InstanceReportRound: {
            /** @description Number of the round. */
            round_id?: number | null;
            /** @description The nodes that took part, with their stages and tasks. */
            deploys?: components["schemas"]["ExecutionGraphNode"][];
        };
        /** @description One slice of the audit log of a league. */
        AuditEventRowList: {
            /** @description How many entries there are in all. */
            total?: components["schemas"]["Count"];
            /** @description The entries of the slice. */
            lists?: components["schemas"]["AuditEventRow"][];
        };
        /** @description An entry of the audit log of a league. */
        AuditEventRow: {
            /** @description Id of the entry, a 64-bit number. */
            id?: components["schemas"]["Count"];
            /** @description Id of the league. */
            league_id?: string | null;
            /** @description What was done, as one sentence. */
            event_info?: string | null;
            /** @description How it ended or where it stands. SUBMITING is being submitted; SUCCEEDED, FAILED and TERMINATED are final. */
            event_status?: string | null;
            /** @description When it began. */
            event_start_time?: components["schemas"]["Timestamp"];
            /** @description When it ended. */
            event_end_time?: components["schemas"]["Timestamp"];
            /** @description Project id of who did it. */
            create_user_project_id?: string | null;
            /** @description Account id of who did it. */
            create_user_domain_id?: string | null;
            /** @description Alias of the partner who did it. */
            creator_alias_name?: string | null;
            /** @description Name of the agent from which the job was started. */
            sponsor_agent_name?: string | null;
        };
        /** @description One slice of the agents of a project. */
        AgentRowList: {
            /** @description How many agents match the filters. */
            total?: components["schemas"]["Count"];
            /** @description The agents of the slice. */
            lists?: components["schemas"]["AgentRow"][];
        };
        /** @description An agent (trusted compute node) of the project. */
        AgentRow: {
            /** @description Id of the agent. */
            agent_id?: string | null;
            /** @description Name of the agent. */
            agent_name?: string | null;
            /** @description Id of the league the agent is in. */
            league_id?: string | null;
            /** @description Name of the league the agent is in. */
            league_name?: string | null;
            /** @description Version of that league. */
            league_version?: string | null;
            /** @description Version of the image the agent runs. */
            image_version?: string | null;
            /** @description Account id of the creator. */
            creator_domain_id?: string | null;
            /** @description Name of the creator. */
            creator_user_name?: string | null;
            /** @description When the agent was created. */
            create_time?: components["schemas"]["Timestamp"];
            /** @description Kind of deployment: CCE (cloud container cluster), IEF (edge container), EXTERNAL. */
            deploy_type?: string | null;
            /** @description State of deployment. ABNORMAL means that something is wrong; ROLLBACKING and ROLLBACK are both roll-backs under way; the words in -ING are steps under way, those in FAILED their failures; TO_START is waiting. */
            deploy_status?: string | null;
            /** @description The latest event of the deployment, in words. */
            deployment_event_information?: string | null;
            /** @description Whether the agent may be deleted now. */
            enable_delete?: components["schemas"]["Flag"];
            /** @description Whether the agent may be upgraded now. */
            enable_upgrade?: components["schemas"]["Flag"];
            /** @description Whether the agent is deployed for high availability; `highAvail` is the same. */
            is_high_avail?: components["schemas"]["Flag"];
            /** @description Whether the agent is deployed for high availability; `is_high_avail` is the same. */
            highAvail?: components["schemas"]["Flag"];
        };
        /** @description How an agent is deployed. */
        AgentDeployment: {
            /** @description What the agent is and in what state. */
            agent_deploy?: components["schemas"]["AgentDeploymentProfile"];
            /** @description Where the agent runs and at which addresses. */
            agent_deploy_detail?: components["schemas"]["AgentDeploymentDetail"];
            /** @description The blockchain that keeps its evidence; null without one. */
            agent_deploy_bcs?: components["schemas"]["AgentDeploymentBlockchain"] | null;
            /** @description The machine the agent runs on. */
            agent_deploy_node?: components["schemas"]["AgentDeploymentNode"];
            /** @description The gateway the agent is reached through. */
            agent_deploy_nat?: components["schemas"]["AgentDeploymentGateway"];
        };
        /** @description What an agent is and in what state. */
        AgentDeploymentProfile: {
            /** @description Id of the agent. */
            agent_id?: string | null;
            /** @description Name of the agent. */
            agent_name?: string | null;
            /** @description Region of the league the agent is in. */
            league_region_name?: string | null;
            /** @description Id of the league the agent is in. */
            league_id?: string | null;
            /** @description Name of the league the agent is in. */
            league_name?: string | null;
            /** @description Version of that league. */
            league_version?: string | null;
            /** @description Id of the image the agent runs. */
            image_id?: string | null;
            /** @description Version of the image the agent runs. */
            image_version?: string | null;
            /** @description Project in which the agent was created. */
            creator_project_id?: string | null;
            /** @description Name of the creator. */
            creator_name?: string | null;
            /** @description Id of the creator. */
            creator_id?: string | null;
            /** @description Account id of the creator. */
            creator_domain_id?: string | null;
            /** @description When the agent was created. */
            create_time?: components["schemas"]["Timestamp"];
            /** @description Storage of the agent: HOST_PATH (local), OBS (object storage), SFS_TURBO (fast file storage). */
            storage_mount_type?: string | null;
            /** @description Kind of deployment: CCE (cloud container cluster), IEF (edge container), EXTERNAL. */
            deploy_type?: string | null;
            /** @description State of deployment. ABNORMAL means that something is wrong; ROLLBACKING and ROLLBACK are both roll-backs under way; the words in -ING are steps under way, those in FAILED their failures; TO_START is waiting. */
            deploy_status?: string | null;
            /** @description The latest event of the deployment, in words. */
            deployment_event_information?: string | null;
            /** @description Whether a blockchain keeps the evidence. */
            bcs_flag?: components["schemas"]["Flag"];
            /** @description Version of the container cluster. */
            cce_version?: string | null;
            /** @description Whether AOM monitoring is on. */
            aom_flag?: components["schemas"]["Flag"];
            /** @description Id of the gateway. */
            nat_id?: string | null;
            /** @description Whether the agent is deployed for high availability. */
            high_avail?: components["schemas"]["Flag"];
        };
        /** @description Where an agent runs and at which addresses. */
        AgentDeploymentDetail: {
            /** @description Id of the agent. */
            agent_id?: string | null;
            /** @description Address at which people reach the agent. */
            agent_access_address?: string | null;
            /** @description Namespace in the container cluster. */
            namespace_name?: string | null;
            /** @description Size of the deployment, for example agent.middle. */
            resource_spec_code?: string | null;
            /** @description Id of the edge service's instance (IEF platinum), for highly available agents at the edge. The reference leaves it out; the service has it. */
            ief_instance_id?: string | null;
            /** @description Id of the container cluster. */
            cce_cluster_id?: string | null;
            /** @description Name of the container cluster. */
            cce_cluster_name?: string | null;
            /** @description IP address of the agent's own API. */
            console_ip?: string | null;
            /** @description Port of the agent's own API. */
            console_port?: number | null;
            /** @description Port of the agent's web pages. */
            web_port?: number | null;
            /** @description Path on the host; only with local storage. */
            host_path?: string | null;
            /** @description Volume claim of the object storage, with CCE deployments. */
            obs_pvc_name?: string | null;
            /** @description Id of the persistent storage. */
            persistence_id?: string | null;
        };
        /** @description The blockchain that keeps the evidence of an agent. */
        AgentDeploymentBlockchain: {
            /** @description Id of the agent. */
            agent_id?: string | null;
            /** @description IP address of the blockchain. */
            bcs_ip?: string | null;
            /** @description Id of the blockchain. */
            block_chain_id?: string | null;
            /** @description Name of the blockchain. */
            block_chain_name?: string | null;
            /** @description Channel. */
            channel_name?: string | null;
            /** @description Name of the organization. */
            org_name?: string | null;
            /** @description Hash of the name of the organization. */
            org_name_hash?: string | null;
        };
        /** @description The machine an agent runs on. */
        AgentDeploymentNode: {
            /** @description Id of the cloud server; the same as `node_id` with IEF deployments. */
            ecs_server_id?: string | null;
            /** @description Id of the machine; the cluster node with CCE deployments. */
            node_id?: string | null;
            /** @description Id of the agent. */
            agent_id?: string | null;
            /** @description Private IP address of the cloud server. */
            node_ip?: string | null;
            /** @description Name of the cloud server. */
            node_name?: string | null;
            /** @description Availability zone of the cloud server, with CCE deployments. */
            node_az?: string | null;
            /** @description IP address of the gateway, with CCE deployments. */
            nat_eip?: string | null;
            /** @description Id of that IP address, with CCE deployments. */
            nat_eip_id?: string | null;
            /** @description Id of the SNAT rule bound to the machine. */
            snat_rule_id?: string | null;
            /** @description SNAT address of the league's server, for the inbound rule of the agent's security group. */
            league_server_snat_ip?: string | null;
            /** @description Id of the inbound rule of the security group. */
            league_server_ip_security_group_rule?: string | null;
            /** @description Id of the agent's endpoint service, without a public IP address. */
            agent_vpcep_eps_id?: string | null;
            /** @description Id of the endpoint through which the server reaches the agent, without a public IP address. */
            server_to_agent_vpcep_epi_id?: string | null;
            /** @description IP address of that endpoint. */
            server_to_agent_vpcep_epi_ip?: string | null;
        };
        /** @description The gateway of an agent. */
        AgentDeploymentGateway: {
            /** @description Id of the gateway. */
            nat_id?: string | null;
            /** @description Id of the project. */
            project_id?: string | null;
            /** @description Id of the virtual private cloud of the container cluster. */
            vpc_id?: string | null;
            /** @description Id of the subnet of the container cluster. */
            subnet_id?: string | null;
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
                 *       "error_code": "TICS.SRV.40100001",
                 *       "error_msg": "token is invalid"
                 *     }
                 */
                "application/json": components["schemas"]["ErrorBody"];
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
                 *       "error_code": "TICS.SRV.90000010",
                 *       "error_msg": "the request timed out"
                 *     }
                 */
                "application/json": components["schemas"]["ErrorBody"];
            };
        };
    };
    parameters: {
        /** @description Project the account works in. */
        projectId: string;
        /** @description League. */
        leagueId: string;
        /** @description Agent. */
        agentId: string;
        /** @description Instance, one run of a job. */
        instanceId: string;
        /** @description How many records to leave out. */
        recordOffset: number;
        /** @description How many records to answer with. */
        limit: number;
        /** @description First day of the range, in the service's time zone. */
        startDate: string;
        /** @description Last day of the range, in the service's time zone. */
        endDate: string;
    };
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    createToken: {
        parameters: {
            query?: {
                /** @description Leaves the catalog out of the answer, whatever text it has. */
                nocatalog?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "auth": {
                 *         "identity": {
                 *           "methods": [
                 *             "password"
                 *           ],
                 *           "password": {
                 *             "user": {
                 *               "name": "username",
                 *               "password": "*****",
                 *               "domain": {
                 *                 "name": "domainname"
                 *               }
                 *             }
                 *           }
                 *         },
                 *         "scope": {
                 *           "project": {
                 *             "id": "xxxxxxxxxxxxxxxxxxxx"
                 *           }
                 *         }
                 *       }
                 *     }
                 */
                "application/json": components["schemas"]["CreateTokenRequest"];
            };
        };
        responses: {
            /** @description Signed in. */
            201: {
                headers: {
                    /** @description The token, to be sent as X-Auth-Token. */
                    "X-Subject-Token": string;
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "token": {
                     *         "expires_at": "2019-02-13T06:52:13.855000Z",
                     *         "issued_at": "2019-02-12T06:52:13.855000Z",
                     *         "methods": [
                     *           "password"
                     *         ],
                     *         "catalog": [
                     *           {
                     *             "endpoints": [
                     *               {
                     *                 "id": "33e1cbdd86d34e89a63cf8ad16a5f49f",
                     *                 "interface": "public",
                     *                 "region": "cn-north-4",
                     *                 "region_id": "cn-north-4",
                     *                 "url": "https://tics.cn-north-4.example.com/v1"
                     *               }
                     *             ],
                     *             "id": "100a6a3477f1495286579b819d399e36",
                     *             "name": "tics",
                     *             "type": "tics"
                     *           }
                     *         ],
                     *         "roles": [
                     *           {
                     *             "id": "0",
                     *             "name": "te_admin"
                     *           }
                     *         ],
                     *         "project": {
                     *           "domain": {
                     *             "id": "65382450e8f64ac0870cd180d14e684b",
                     *             "name": "domainname"
                     *           },
                     *           "id": "a4a5d4098fb4474fa22cd05f897d6b99",
                     *           "name": "cn-north-4"
                     *         },
                     *         "user": {
                     *           "domain": {
                     *             "id": "65382450e8f64ac0870cd180d14e684b",
                     *             "name": "domainname"
                     *           },
                     *           "id": "098593b08f00d2a34f64c004408b64bc",
                     *           "name": "username",
                     *           "password_expires_at": ""
                     *         }
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["IamTokenBody"];
                };
            };
            /** @description The name or the password is wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "error": {
                     *         "code": 401,
                     *         "message": "The username or password is wrong.",
                     *         "title": "Unauthorized"
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["IamErrorBody"];
                };
            };
            /** @description Any other refusal or failure, 429 and 503 perhaps with Retry-After. */
            default: {
                headers: {
                    /** @description Seconds to wait, or a date. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "error": {
                     *         "code": 403,
                     *         "message": "You are not authorized to perform the requested action.",
                     *         "title": "Forbidden"
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["IamErrorBody"];
                };
            };
        };
    };
    listProjects: {
        parameters: {
            query?: {
                /** @description Only the project of this name, for example a region's id. */
                name?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The projects. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "projects": [
                     *         {
                     *           "domain_id": "65382450e8f64ac0870cd180d14e684b",
                     *           "is_domain": false,
                     *           "parent_id": "65382450e8f64ac0870cd180d14e684b",
                     *           "name": "region-name",
                     *           "description": "",
                     *           "links": {
                     *             "next": null,
                     *             "previous": null,
                     *             "self": "https://www.example.com/v3/projects/a4a5d4098fb4474fa22cd05f897d6b99"
                     *           },
                     *           "id": "a4a5d4098fb4474fa22cd05f897d6b99",
                     *           "enabled": true
                     *         }
                     *       ],
                     *       "links": {
                     *         "next": null,
                     *         "previous": null,
                     *         "self": "https://www.example.com/v3/projects"
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["IamProjectList"];
                };
            };
            /** @description The token is missing, has ended, or is not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "error": {
                     *         "code": 401,
                     *         "message": "The request you have made requires authentication.",
                     *         "title": "Unauthorized"
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["IamErrorBody"];
                };
            };
            /** @description Any other refusal or failure, 429 and 503 perhaps with Retry-After. */
            default: {
                headers: {
                    /** @description Seconds to wait, or a date. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "error": {
                     *         "code": 403,
                     *         "message": "You are not authorized to perform the requested action.",
                     *         "title": "Forbidden"
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["IamErrorBody"];
                };
            };
        };
    };
    getDatasetStatistics: {
        parameters: {
            query?: {
                /** @description First day of the range, in the service's time zone. */
                start_date?: components["parameters"]["startDate"];
                /** @description Last day of the range, in the service's time zone. */
                end_date?: components["parameters"]["endDate"];
            };
            header?: never;
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
            /** @description One row for each dataset. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example [
                     *       {
                     *         "dataset_id": "fc072100587a4d97b49e949aa0db15ea",
                     *         "dataset_name": "autotest_tfdata2_zx_guest",
                     *         "dataset_use_cnt": 108,
                     *         "dataset_intercept_cnt": 0,
                     *         "dataset_domain_name": "user1",
                     *         "dataset_domain_alias": "dayu002"
                     *       },
                     *       {
                     *         "dataset_id": "98da677393984e9cb250cf16090bd085",
                     *         "dataset_name": "autotest_tfdata_zx_host",
                     *         "dataset_use_cnt": 107,
                     *         "dataset_intercept_cnt": 0,
                     *         "dataset_domain_name": "user2",
                     *         "dataset_domain_alias": "space_creator"
                     *       }
                     *     ]
                     */
                    "application/json": components["schemas"]["DatasetStatisticsRow"][];
                };
            };
            401: components["responses"]["Unauthorized"];
            default: components["responses"]["Error"];
        };
    };
    getJobStatistics: {
        parameters: {
            query?: {
                /** @description First day of the range, in the service's time zone. */
                start_date?: components["parameters"]["startDate"];
                /** @description Last day of the range, in the service's time zone. */
                end_date?: components["parameters"]["endDate"];
            };
            header?: never;
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
            /** @description The totals. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "job_cnt": 3,
                     *       "job_ins_cnt": 232,
                     *       "job_ins_success_cnt": 209,
                     *       "job_ins_fail_cnt": 23,
                     *       "job_ins_intercept_cnt": 0
                     *     }
                     */
                    "application/json": components["schemas"]["JobStatistics"];
                };
            };
            401: components["responses"]["Unauthorized"];
            default: components["responses"]["Error"];
        };
    };
    getPartnerStatistics: {
        parameters: {
            query?: {
                /** @description First day of the range, in the service's time zone. */
                start_date?: components["parameters"]["startDate"];
                /** @description Last day of the range, in the service's time zone. */
                end_date?: components["parameters"]["endDate"];
            };
            header?: never;
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
            /** @description One row for each partner. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example [
                     *       {
                     *         "partner_domain_name": "user1",
                     *         "partner_domain_alias": "dayu002",
                     *         "partner_access_cnt": 193,
                     *         "partner_job_cnt": 0,
                     *         "partner_job_ins_cnt": 3,
                     *         "partner_job_ins_success_cnt": 3,
                     *         "partner_job_ins_fail_cnt": 0,
                     *         "partner_job_ins_intercept_cnt": 0
                     *       },
                     *       {
                     *         "partner_domain_name": "user2",
                     *         "partner_domain_alias": "space_creator",
                     *         "partner_access_cnt": 230,
                     *         "partner_job_cnt": 3,
                     *         "partner_job_ins_cnt": 229,
                     *         "partner_job_ins_success_cnt": 206,
                     *         "partner_job_ins_fail_cnt": 23,
                     *         "partner_job_ins_intercept_cnt": 0
                     *       }
                     *     ]
                     */
                    "application/json": components["schemas"]["PartnerStatisticsRow"][];
                };
            };
            401: components["responses"]["Unauthorized"];
            default: components["responses"]["Error"];
        };
    };
    getOverview: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Project the account works in. */
                project_id: components["parameters"]["projectId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The counts. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "agent_cnt": 2,
                     *       "instance_cnt": 2,
                     *       "league_cnt": 1,
                     *       "notice_to_handle_cnt": 0
                     *     }
                     */
                    "application/json": components["schemas"]["Overview"];
                };
            };
            401: components["responses"]["Unauthorized"];
            default: components["responses"]["Error"];
        };
    };
    getLeague: {
        parameters: {
            query?: never;
            header?: never;
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
            /** @description The league. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "ef73b252a0ad4b5db21a12c40a413b2f",
                     *       "name": "1.14.1升级验证",
                     *       "description": "jj",
                     *       "partners": 3,
                     *       "league_status": "NORMAL",
                     *       "type": "OWNER",
                     *       "creator_id": "098593b08f00d2a34f64c004408b64bc",
                     *       "creator_name": "user2",
                     *       "create_time": 1665216188000,
                     *       "create_date": "2022-10-08T08:03:08.000+00:00",
                     *       "expire_time": 0,
                     *       "is_access_control": false,
                     *       "is_need_approval": true,
                     *       "privacy_protection_type": "HIGH",
                     *       "version": "1.15.1",
                     *       "dp_enabled": true,
                     *       "resource_spec_code": "league.middle",
                     *       "block_chain_id": "6b4a1c0e-2f1d-11ed-9a41-0255ac100b02",
                     *       "block_chain_name": "bcs-tics",
                     *       "bcs_channel_name": "channel",
                     *       "bcs_org_name": "organization",
                     *       "bcs_ip": "192.0.2.20"
                     *     }
                     */
                    "application/json": components["schemas"]["LeagueDetail"];
                };
            };
            401: components["responses"]["Unauthorized"];
            default: components["responses"]["Error"];
        };
    };
    updateLeague: {
        parameters: {
            query?: never;
            header?: never;
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
                 *       "description": "测试空间",
                 *       "privacy_protection_type": "STANDARD",
                 *       "dp_enabled": true
                 *     }
                 */
                "application/json": components["schemas"]["UpdateLeagueRequest"];
            };
        };
        responses: {
            /** @description Changed. Usually no body, perhaps a string without meaning. */
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
    listLeagueNodes: {
        parameters: {
            query: {
                /** @description How many records to leave out. */
                offset: components["parameters"]["recordOffset"];
                /** @description How many records to answer with. */
                limit: components["parameters"]["limit"];
            };
            header?: never;
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
            /** @description The nodes. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "total": 5,
                     *       "lists": [
                     *         {
                     *           "node_id": "4ad46f57d7d94772a7b8bc9ea498140c",
                     *           "node_name": "agent_4637",
                     *           "ne_node_type": "AGENT",
                     *           "ne_deploy_type": "CCE",
                     *           "ne_status": "TRUST",
                     *           "update_time": "2022-11-09T14:33:29.000+00:00",
                     *           "partner_alias": "tics02",
                     *           "create_time": "2022-11-09T14:33:21.000+00:00",
                     *           "ha_mode": "ACTIVE"
                     *         },
                     *         {
                     *           "node_id": "1258f54f3f044a77b1727844ded89e72",
                     *           "node_name": "x.x.x.x",
                     *           "ne_node_type": "AGG",
                     *           "ne_deploy_type": "CCE",
                     *           "ne_status": "TRUST",
                     *           "update_time": "2022-11-08T14:30:51.000+00:00",
                     *           "create_time": "2022-11-08T14:30:51.000+00:00"
                     *         },
                     *         {
                     *           "node_id": "5f9e5414b4fb4e8fae80857a65807eb1",
                     *           "node_name": "x.x.x.x",
                     *           "ne_node_type": "AGG_MANAGER",
                     *           "ne_deploy_type": "CCE",
                     *           "ne_status": "INIT",
                     *           "update_time": "2022-11-06T11:42:41.000+00:00",
                     *           "create_time": "2022-11-06T11:42:41.000+00:00",
                     *           "ha_mode": "STANDBY"
                     *         },
                     *         {
                     *           "node_id": "8e8d878701c747dda739c37273d3d712",
                     *           "node_name": "x.x.x.x",
                     *           "ne_node_type": "AGG",
                     *           "ne_deploy_type": "CCE",
                     *           "ne_status": "TRUST",
                     *           "update_time": "2022-11-06T11:42:33.000+00:00",
                     *           "create_time": "2022-11-06T11:42:33.000+00:00"
                     *         },
                     *         {
                     *           "node_id": "2ec9ac500b2740ee8bdd95e7da9e94f4",
                     *           "node_name": "x.x.x.x",
                     *           "ne_node_type": "AGG_MANAGER",
                     *           "ne_deploy_type": "CCE",
                     *           "ne_status": "TRUST",
                     *           "update_time": "2022-11-05T12:32:01.000+00:00",
                     *           "create_time": "2022-11-05T11:15:08.000+00:00",
                     *           "ha_mode": "ACTIVE"
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["LeagueNodeRowList"];
                };
            };
            401: components["responses"]["Unauthorized"];
            default: components["responses"]["Error"];
        };
    };
    listLeagues: {
        parameters: {
            query: {
                /** @description Which leagues: those the account created (owned) or those it joined (participativenormal). A client sends participativenormal for the latter; participative:normal is the reference's spelling of the same. */
                type: "owned" | "participativenormal" | "participative:normal";
                /** @description How many records to leave out. */
                offset: components["parameters"]["recordOffset"];
                /** @description How many records to answer with. */
                limit: components["parameters"]["limit"];
            };
            header?: never;
            path: {
                /** @description Project the account works in. */
                project_id: components["parameters"]["projectId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The leagues. */
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
                     *           "id": "ef73b252a0ad4b5db21a12c40a413b2f",
                     *           "name": "test",
                     *           "partners": 3,
                     *           "league_status": "NORMAL",
                     *           "type": "OWNER",
                     *           "creator_id": "098593b08f00d2a34f64c004408b64bc",
                     *           "creator_name": "user01",
                     *           "create_time": 1665215103413,
                     *           "create_date": "2022-10-08T07:45:03.413+00:00",
                     *           "expire_time": 0,
                     *           "version": "1.15.1",
                     *           "block_chain_id": "6b4a1c0e-2f1d-11ed-9a41-0255ac100b02",
                     *           "block_chain_name": "bcs-tics",
                     *           "bcs_channel_name": "channel",
                     *           "bcs_org_name": "organization",
                     *           "bcs_ip": "192.0.2.20"
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["LeagueRowList"];
                };
            };
            401: components["responses"]["Unauthorized"];
            default: components["responses"]["Error"];
        };
    };
    listPartners: {
        parameters: {
            query: {
                /** @description How many records to leave out. */
                offset: components["parameters"]["recordOffset"];
                /** @description How many records to answer with. */
                limit: components["parameters"]["limit"];
            };
            header?: never;
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
            /** @description The partners. */
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
                     *           "id": "8e06e2722ef54f67a8b42e9609f3cf04",
                     *           "partner_domain_name": "user1",
                     *           "partner_domain_alias": "dayu003",
                     *           "partner_status": "JOINED"
                     *         },
                     *         {
                     *           "id": "2820810528fc4f1ba7eda2ae2de0a119",
                     *           "partner_domain_name": "user2",
                     *           "partner_domain_alias": "tics02",
                     *           "partner_status": "JOINED"
                     *         },
                     *         {
                     *           "id": "351bbd7f60e54c9d93d1a4e0b1a099bc",
                     *           "partner_domain_name": "user2",
                     *           "partner_domain_alias": "space_creator",
                     *           "partner_status": "JOINED"
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["LeaguePartnerRowList"];
                };
            };
            401: components["responses"]["Unauthorized"];
            default: components["responses"]["Error"];
        };
    };
    listMembershipNotices: {
        parameters: {
            query: {
                /** @description How many records to leave out. */
                offset: components["parameters"]["recordOffset"];
                /** @description How many records to answer with. */
                limit: components["parameters"]["limit"];
            };
            header?: never;
            path: {
                /** @description Project the account works in. */
                project_id: components["parameters"]["projectId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The notices. */
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
                     *           "league": {
                     *             "id": "ef73b252a0ad4b5db21a12c40a413b2f",
                     *             "name": "1.14.1升级验证",
                     *             "description": "jj",
                     *             "partners": 0,
                     *             "creator_name": "user01",
                     *             "create_time": 0,
                     *             "expire_time": 0,
                     *             "block_chain_id": "6b4a1c0e-2f1d-11ed-9a41-0255ac100b02",
                     *             "block_chain_name": "bcs-tics",
                     *             "bcs_channel_name": "channel",
                     *             "bcs_org_name": "organization",
                     *             "bcs_ip": "192.0.2.20"
                     *           },
                     *           "partners": [
                     *             {
                     *               "id": "2820810528fc4f1ba7eda2ae2de0a119",
                     *               "partner_domain_name": "user02",
                     *               "partner_domain_alias": "tics02",
                     *               "partner_status": "JOINED"
                     *             },
                     *             {
                     *               "id": "351bbd7f60e54c9d93d1a4e0b1a099bc",
                     *               "partner_domain_name": "user01",
                     *               "partner_domain_alias": "space_creator",
                     *               "partner_status": "JOINED"
                     *             },
                     *             {
                     *               "id": "8e06e2722ef54f67a8b42e9609f3cf04",
                     *               "partner_domain_name": "user03",
                     *               "partner_domain_alias": "dayu003",
                     *               "partner_status": "JOINED"
                     *             }
                     *           ],
                     *           "league_id": "ef73b252a0ad4b5db21a12c40a413b2f",
                     *           "league_name": "1.14.1升级验证",
                     *           "partner_id": "098593b06a80d2a30f5fc004c28f6da0",
                     *           "domain_name": "user01",
                     *           "domain_alias": "space_creator",
                     *           "partner_status": "JOINED",
                     *           "creator_id": "098593b08f00d2a34f64c004408b64bc",
                     *           "creator_name": "user01",
                     *           "create_time": "2022-10-08T08:00:55.000+00:00",
                     *           "update_time": "2022-10-08T08:00:55.000+00:00",
                     *           "update_id": "098593b08f00d2a34f64c004408b64bc",
                     *           "update_name": "user01"
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["MembershipNoticeRowList"];
                };
            };
            401: components["responses"]["Unauthorized"];
            default: components["responses"]["Error"];
        };
    };
    listLeagueDatasets: {
        parameters: {
            query: {
                /** @description How many records to leave out. */
                offset: components["parameters"]["recordOffset"];
                /** @description How many records to answer with. */
                limit: components["parameters"]["limit"];
                /** @description Only datasets of this name. */
                dataset_name?: string;
                /** @description Only datasets of the partner of this name. */
                partner_name?: string;
            };
            header?: never;
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
            /** @description One slice of the datasets. */
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
                     *           "id": "22a1537969d442a8a29f6148cd3c9b9b",
                     *           "name": "ccc",
                     *           "description": "",
                     *           "columnList": [
                     *             {
                     *               "data_id": "22a1537969d442a8a29f6148cd3c9b9b",
                     *               "column_name": "id",
                     *               "data_type": "STRING",
                     *               "fl_label_type": "UNIQUE_ID",
                     *               "feature_type": null,
                     *               "comments": "Row number",
                     *               "is_discrete": false,
                     *               "length": 32,
                     *               "sacle": 0,
                     *               "privacy_policy": "HASH",
                     *               "privacy_policy_ext": "",
                     *               "sql_col_privacy_type": "UNIQUE_ID"
                     *             },
                     *             {
                     *               "data_id": "22a1537969d442a8a29f6148cd3c9b9b",
                     *               "column_name": "0",
                     *               "data_type": "FLOAT",
                     *               "fl_label_type": "FEATURE",
                     *               "feature_type": "CONTINUOUS"
                     *             },
                     *             {
                     *               "data_id": "22a1537969d442a8a29f6148cd3c9b9b",
                     *               "column_name": "1",
                     *               "data_type": "FLOAT",
                     *               "fl_label_type": "FEATURE",
                     *               "feature_type": "DISCRETE"
                     *             },
                     *             {
                     *               "data_id": "22a1537969d442a8a29f6148cd3c9b9b",
                     *               "column_name": "2",
                     *               "data_type": "FLOAT",
                     *               "fl_label_type": "LABEL"
                     *             }
                     *           ],
                     *           "column_list": [
                     *             {
                     *               "data_id": "22a1537969d442a8a29f6148cd3c9b9b",
                     *               "column_name": "id",
                     *               "data_type": "STRING",
                     *               "fl_label_type": "UNIQUE_ID",
                     *               "feature_type": null,
                     *               "comments": "Row number",
                     *               "is_discrete": false,
                     *               "length": 32,
                     *               "sacle": 0,
                     *               "privacy_policy": "HASH",
                     *               "privacy_policy_ext": "",
                     *               "sql_col_privacy_type": "UNIQUE_ID"
                     *             },
                     *             {
                     *               "data_id": "22a1537969d442a8a29f6148cd3c9b9b",
                     *               "column_name": "0",
                     *               "data_type": "FLOAT",
                     *               "fl_label_type": "FEATURE",
                     *               "feature_type": "CONTINUOUS"
                     *             },
                     *             {
                     *               "data_id": "22a1537969d442a8a29f6148cd3c9b9b",
                     *               "column_name": "1",
                     *               "data_type": "FLOAT",
                     *               "fl_label_type": "FEATURE",
                     *               "feature_type": "DISCRETE"
                     *             },
                     *             {
                     *               "data_id": "22a1537969d442a8a29f6148cd3c9b9b",
                     *               "column_name": "2",
                     *               "data_type": "FLOAT",
                     *               "fl_label_type": "LABEL"
                     *             }
                     *           ],
                     *           "data_type": "LOCAL_CSV",
                     *           "partner_domain_name": "user2",
                     *           "create_time": "2022-11-14T09:08:35.000+00:00"
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["LeagueDatasetRowList"];
                };
            };
            401: components["responses"]["Unauthorized"];
            default: components["responses"]["Error"];
        };
    };
    listLeagueSqlJobs: {
        parameters: {
            query: {
                /** @description How many records to leave out. */
                offset: components["parameters"]["recordOffset"];
                /** @description How many records to answer with. */
                limit: components["parameters"]["limit"];
            };
            header?: never;
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
            /** @description One slice of the SQL jobs. */
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
                     *           "id": "81b5641f6f14452aa251c5389433d0d9",
                     *           "name": "内存不足作业",
                     *           "description": "",
                     *           "deleted": false,
                     *           "job_type": "SQL",
                     *           "domain_id": "098593b06a80d2a30f5fc004c28f6da0",
                     *           "league_id": "ef73b252a0ad4b5db21a12c40a413b2f",
                     *           "creator_id": "09c680046180d4f91f41c0043e77e0e8",
                     *           "creator_name": "zhangyafei",
                     *           "create_time": "2022-10-10T08:05:41.000+00:00",
                     *           "update_user_id": "09c680046180d4f91f41c0043e77e0e8",
                     *           "update_user_name": "zhangyafei",
                     *           "update_time": "2022-10-13T06:35:20.000+00:00",
                     *           "approval_status": "NEW"
                     *         },
                     *         {
                     *           "id": "ccb1d77a6ca140248d74fce2ceb3679d",
                     *           "name": "sql1",
                     *           "description": "",
                     *           "deleted": false,
                     *           "job_type": "SQL",
                     *           "domain_id": "098593b06a80d2a30f5fc004c28f6da0",
                     *           "league_id": "ef73b252a0ad4b5db21a12c40a413b2f",
                     *           "creator_id": "09c680046180d4f91f41c0043e77e0e8",
                     *           "creator_name": "zhangyafei",
                     *           "create_time": "2022-10-08T09:37:25.000+00:00",
                     *           "update_user_id": "09c680046180d4f91f41c0043e77e0e8",
                     *           "update_user_name": "zhangyafei",
                     *           "update_time": "2022-10-09T08:02:39.000+00:00",
                     *           "approval_status": "NEW"
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["LeagueSqlJobRowList"];
                };
            };
            401: components["responses"]["Unauthorized"];
            default: components["responses"]["Error"];
        };
    };
    listLeagueFlJobs: {
        parameters: {
            query: {
                /** @description How many records to leave out. */
                offset: components["parameters"]["recordOffset"];
                /** @description How many records to answer with. */
                limit: components["parameters"]["limit"];
            };
            header?: never;
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
            /** @description One slice of the federated learning jobs. */
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
                     *           "job_id": "25e5a949eb1c44528b2881448a1db5aa",
                     *           "job_name": "ss",
                     *           "description": "",
                     *           "job_type": "VFL",
                     *           "creator_name": "zhangsan",
                     *           "create_time": "2022-10-26T09:04:50.000+00:00",
                     *           "hfl_type": "TRAIN",
                     *           "hfl_platform_type": "LOCAL",
                     *           "algorithm_type": "FIBINET",
                     *           "learning_task_type": "CLASSIFICATION",
                     *           "approval_status": "NEW",
                     *           "is_single_predict": false,
                     *           "ext": ""
                     *         },
                     *         {
                     *           "description": "cc",
                     *           "job_id": "1aec7ad4ee834e3c9f08adefb7ab2fe8",
                     *           "job_name": "featuretest",
                     *           "job_type": "VFL",
                     *           "creator_name": "zhangsan",
                     *           "create_time": "2022-10-19T06:45:37.000+00:00",
                     *           "hfl_type": "TRAIN",
                     *           "hfl_platform_type": "LOCAL",
                     *           "algorithm_type": "LOGISTIC_REGRESSION"
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["LeagueFlJobRowList"];
                };
            };
            401: components["responses"]["Unauthorized"];
            default: components["responses"]["Error"];
        };
    };
    listLeagueInstances: {
        parameters: {
            query: {
                /** @description How many records to leave out. */
                offset: components["parameters"]["recordOffset"];
                /** @description How many records to answer with. */
                limit: components["parameters"]["limit"];
                /** @description Only instances of this job. */
                job_id?: string;
            };
            header?: never;
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
            /** @description One slice of the instances. */
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
                     *           "id": "f9533bfefca7467e88feca4f592c3b04",
                     *           "status": "SUCCEEDED",
                     *           "job_name": "F3jDA",
                     *           "job_instance_type": "SQL",
                     *           "job_partner": "space_creator,dayu002",
                     *           "round_id": 1,
                     *           "start_time": "2022-10-28T03:34:28.000+00:00",
                     *           "end_time": "2022-10-28T03:34:35.000+00:00",
                     *           "is_single_predict": false,
                     *           "ext": "",
                     *           "result_ext": "1"
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
    getExecutionGraph: {
        parameters: {
            query: {
                /** @description Number of the round, as in `round_id` of the report. */
                round_id: number;
            };
            header?: never;
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
            /** @description The nodes of the graph. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example [
                     *       {
                     *         "node_id": "efb586519206414eb280e5ea1693cbe3",
                     *         "node_name": "agent_跨region_ifef",
                     *         "node_type": "AGENT",
                     *         "node_partner_alias": "space_creator",
                     *         "stages": [
                     *           {
                     *             "id": 502,
                     *             "stage_name": "最终结果存储阶段_502",
                     *             "processors": [
                     *               {
                     *                 "id": "SQLExecute_@efb586519206414eb280e5ea1693cbe3#be9d",
                     *                 "task_name": "本地SQL计算",
                     *                 "last_step_task_ins_id": [
                     *                   "SQLValidate_@efb586519206414eb280e5ea1693cbe3#e660"
                     *                 ],
                     *                 "start_time": 1667482475000,
                     *                 "end_time": 1667482476000,
                     *                 "exec_duration_nano": 361,
                     *                 "task_in_record_cnt": 0,
                     *                 "task_out_record_cnt": 14,
                     *                 "task_status": "SUCCEEDED",
                     *                 "task_show_info": {
                     *                   "LAST_ITERATION_PROCESS_INPUT_END_TIME": "2022/11/03 21:34:35 GMT+8:00",
                     *                   "FIRST_ITERATION_COLLECT_INPUT_START_TIME": "2022/11/03 21:34:35 GMT+8:00",
                     *                   "CURRENT_ITERATION_COUNT": "1",
                     *                   "FIRST_ITERATION_PROCESS_INPUT_START_TIME": "2022/11/03 21:34:35 GMT+8:00",
                     *                   "ACCUMULATED_COLLECT_INPUT_TIME": "2ms",
                     *                   "ACCUMULATED_OUTPUT_SIZE": "14",
                     *                   "ACCUMULATED_PROCESS_INPUT_TIME": "359ms",
                     *                   "datasets": "de",
                     *                   "LAST_ITERATION_COLLECT_INPUT_END_TIME": "2022/11/03 21:34:35 GMT+8:00",
                     *                   "sql": "SELECT `DEPARTMENT_ID`, `EMPLOYEE_ID`, `AVG_SALARY`, `NEW_TIME` FROM `SPACE_CREATOR`.`DE`"
                     *                 }
                     *               },
                     *               {
                     *                 "id": "SQLValidate_@efb586519206414eb280e5ea1693cbe3#e660",
                     *                 "task_name": "隐私规则检查",
                     *                 "last_step_task_ins_id": [],
                     *                 "start_time": 1667482475000,
                     *                 "end_time": 1667482475000,
                     *                 "exec_duration_nano": 0,
                     *                 "task_in_record_cnt": 0,
                     *                 "task_out_record_cnt": 0,
                     *                 "task_status": "SUCCEEDED",
                     *                 "task_show_info": {
                     *                   "LAST_ITERATION_PROCESS_INPUT_END_TIME": "2022/11/03 21:34:35 GMT+8:00",
                     *                   "FIRST_ITERATION_COLLECT_INPUT_START_TIME": "2022/11/03 21:34:35 GMT+8:00",
                     *                   "CURRENT_ITERATION_COUNT": "1",
                     *                   "FIRST_ITERATION_PROCESS_INPUT_START_TIME": "2022/11/03 21:34:35 GMT+8:00",
                     *                   "ACCUMULATED_COLLECT_INPUT_TIME": "0ms",
                     *                   "sqlValidateResult": "success",
                     *                   "ACCUMULATED_OUTPUT_SIZE": "0",
                     *                   "ACCUMULATED_PROCESS_INPUT_TIME": "0ms",
                     *                   "LAST_ITERATION_COLLECT_INPUT_END_TIME": "2022/11/03 21:34:35 GMT+8:00",
                     *                   "sql": "SELECT `DEPARTMENT_ID`, `EMPLOYEE_ID`, `AVG_SALARY`, `NEW_TIME` FROM `SPACE_CREATOR`.`DE`"
                     *                 }
                     *               },
                     *               {
                     *                 "id": "SaveResult_@efb586519206414eb280e5ea1693cbe3#cbf4",
                     *                 "task_name": "结果存储",
                     *                 "last_step_task_ins_id": [
                     *                   "SQLExecute_@efb586519206414eb280e5ea1693cbe3#be9d"
                     *                 ],
                     *                 "start_time": 1667482475000,
                     *                 "end_time": 1667482476000,
                     *                 "exec_duration_nano": 364,
                     *                 "task_in_record_cnt": 14,
                     *                 "task_out_record_cnt": 0,
                     *                 "task_status": "SUCCEEDED",
                     *                 "task_show_info": {
                     *                   "LAST_ITERATION_PROCESS_INPUT_END_TIME": "2022/11/03 21:34:35 GMT+8:00",
                     *                   "FIRST_ITERATION_COLLECT_INPUT_START_TIME": "2022/11/03 21:34:35 GMT+8:00",
                     *                   "CURRENT_ITERATION_COUNT": "1",
                     *                   "FIRST_ITERATION_PROCESS_INPUT_START_TIME": "2022/11/03 21:34:35 GMT+8:00",
                     *                   "filename": "/output/sql/efb586519206414eb280e5ea1693cbe3/0c8c73c00d3d4b59a820e39f319d8204/20221103213432-709b11224f3d4804b2bb4abc4b809d55.csv",
                     *                   "ACCUMULATED_COLLECT_INPUT_TIME": "362ms",
                     *                   "ACCUMULATED_OUTPUT_SIZE": "0",
                     *                   "saveResultRecordCount": "14",
                     *                   "ACCUMULATED_PROCESS_INPUT_TIME": "2ms",
                     *                   "LAST_ITERATION_COLLECT_INPUT_END_TIME": "2022/11/03 21:34:35 GMT+8:00"
                     *                 }
                     *               }
                     *             ],
                     *             "last_step_stage_id": []
                     *           }
                     *         ]
                     *       }
                     *     ]
                     */
                    "application/json": components["schemas"]["ExecutionGraph"];
                };
            };
            401: components["responses"]["Unauthorized"];
            default: components["responses"]["Error"];
        };
    };
    getInstanceReport: {
        parameters: {
            query?: never;
            header?: never;
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
            /** @description The report. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "job_report_base_info": {
                     *         "status": "SUCCEEDED",
                     *         "executor": "list",
                     *         "job_name": "自定义json",
                     *         "job_type": "VFL_TRAIN",
                     *         "hfl_type": null,
                     *         "exe_time": "2022-10-28T06:33:11.000+00:00"
                     *       },
                     *       "job_report_partners": [
                     *         {
                     *           "partner_domain_name": "user2",
                     *           "partner_domain_alias": "space_creator",
                     *           "dataset_name": "host_train_data",
                     *           "agent_name": "agent_4760",
                     *           "data_output_cnt": 0
                     *         },
                     *         {
                     *           "partner_domain_name": "user1",
                     *           "partner_domain_alias": "dayu002",
                     *           "dataset_name": "guest_train_data",
                     *           "agent_name": "agent_5358",
                     *           "data_output_cnt": 0
                     *         }
                     *       ],
                     *       "job_report_env": {
                     *         "region_id": "xx-xxx",
                     *         "project_id": "098593b07680d2a32f62c004a482da10",
                     *         "league_id": "00a5b6c8ed214c45b7d2f52ca8eb8d86",
                     *         "league_name": "1.15.0_new",
                     *         "agg_name": "192.0.2.20(SANDBOX)"
                     *       },
                     *       "job_report_output": {
                     *         "ext": null,
                     *         "metrics": {
                     *           "accuracy": 0.535375,
                     *           "auc": 0.535375,
                     *           "f1": 0.364941,
                     *           "ks": 0.07075,
                     *           "recall": 0.267,
                     *           "precision": 0.576363
                     *         },
                     *         "result_storage_domain_alias": "space_creator,dayu002",
                     *         "result_storage_agent_name": "agent_5358,agent_4760"
                     *       },
                     *       "round_deploys": [
                     *         {
                     *           "round_id": 1,
                     *           "deploys": [
                     *             {
                     *               "node_id": "0ff04349773448b39e3fc5ed0de761aa",
                     *               "node_name": "agent_5358",
                     *               "node_type": "AGENT",
                     *               "node_partner_alias": "dayu002",
                     *               "stages": [
                     *                 {
                     *                   "id": 5,
                     *                   "stage_name": "执行算法阶段_5",
                     *                   "processors": [
                     *                     {
                     *                       "id": "FiBiNetMessagePassing_@0ff04349773448b39e3fc5ed0de761aa#4dc5",
                     *                       "task_name": "执行FiBiNet计算",
                     *                       "last_step_task_ins_id": [],
                     *                       "start_time": 1666938794000,
                     *                       "end_time": 1666938817000,
                     *                       "exec_duration_nano": 22798,
                     *                       "task_in_record_cnt": 0,
                     *                       "task_out_record_cnt": 0,
                     *                       "task_status": "SUCCEEDED",
                     *                       "task_show_info": {
                     *                         "LAST_ITERATION_PROCESS_INPUT_END_TIME": "2022/10/28 14:33:36 GMT+8:00",
                     *                         "FIRST_ITERATION_PROCESS_INPUT_START_TIME": "2022/10/28 14:33:14 GMT+8:00",
                     *                         "calculationStatus": "false",
                     *                         "ACCUMULATED_PROCESS_INPUT_TIME": "22798ms",
                     *                         "datasets": "guest_train_data",
                     *                         "callMessage": "保存计算结果"
                     *                       }
                     *                     }
                     *                   ],
                     *                   "last_step_stage_id": []
                     *                 }
                     *               ]
                     *             },
                     *             {
                     *               "node_id": "AGG",
                     *               "node_name": "AGG",
                     *               "node_type": "AGG",
                     *               "node_partner_alias": "",
                     *               "stages": [
                     *                 {
                     *                   "id": 4,
                     *                   "stage_name": "协调算法执行阶段_4",
                     *                   "processors": [
                     *                     {
                     *                       "id": "FiBiNetCoordinator_@51cd56e53f934368a4d18131c7d76fb6#d6a4",
                     *                       "task_name": "协调FiBiNet计算",
                     *                       "last_step_task_ins_id": [
                     *                         "FiBiNetMessagePassing_@0ff04349773448b39e3fc5ed0de761aa#4dc5",
                     *                         "FiBiNetMessagePassing_@804a167cd4414ed38f006b252efd18a0#4328"
                     *                       ],
                     *                       "start_time": 1666938794000,
                     *                       "end_time": 1666938821988,
                     *                       "exec_duration_nano": 27948,
                     *                       "task_in_record_cnt": 0,
                     *                       "task_out_record_cnt": 0,
                     *                       "task_status": "SUCCEEDED",
                     *                       "task_show_info": {
                     *                         "LAST_ITERATION_PROCESS_INPUT_END_TIME": "2022/10/28 14:33:41 GMT+8:00",
                     *                         "FIRST_ITERATION_COLLECT_INPUT_START_TIME": "2022/10/28 14:33:14 GMT+8:00",
                     *                         "CURRENT_ITERATION_COUNT": "1",
                     *                         "FIRST_ITERATION_PROCESS_INPUT_START_TIME": "2022/10/28 14:33:14 GMT+8:00",
                     *                         "ACCUMULATED_COLLECT_INPUT_TIME": "0ms",
                     *                         "ACCUMULATED_OUTPUT_SIZE": "0",
                     *                         "ACCUMULATED_PROCESS_INPUT_TIME": "27948ms",
                     *                         "LAST_ITERATION_COLLECT_INPUT_END_TIME": "2022/10/28 14:33:14 GMT+8:00"
                     *                       }
                     *                     }
                     *                   ],
                     *                   "last_step_stage_id": [
                     *                     5,
                     *                     6
                     *                   ]
                     *                 }
                     *               ]
                     *             },
                     *             {
                     *               "node_id": "804a167cd4414ed38f006b252efd18a0",
                     *               "node_name": "agent_4760",
                     *               "node_type": "AGENT",
                     *               "node_partner_alias": "space_creator",
                     *               "stages": [
                     *                 {
                     *                   "id": 6,
                     *                   "stage_name": "执行算法阶段_6",
                     *                   "processors": [
                     *                     {
                     *                       "id": "FiBiNetMessagePassing_@804a167cd4414ed38f006b252efd18a0#4328",
                     *                       "task_name": "执行FiBiNet计算",
                     *                       "last_step_task_ins_id": [],
                     *                       "start_time": 1666938794000,
                     *                       "end_time": 1666938822000,
                     *                       "exec_duration_nano": 27945,
                     *                       "task_in_record_cnt": 0,
                     *                       "task_out_record_cnt": 0,
                     *                       "task_status": "SUCCEEDED",
                     *                       "task_show_info": {
                     *                         "LAST_ITERATION_PROCESS_INPUT_END_TIME": "2022/10/28 14:33:41 GMT+8:00",
                     *                         "FIRST_ITERATION_PROCESS_INPUT_START_TIME": "2022/10/28 14:33:14 GMT+8:00",
                     *                         "calculationStatus": "false",
                     *                         "ACCUMULATED_PROCESS_INPUT_TIME": "27945ms",
                     *                         "datasets": "host_train_data",
                     *                         "callMessage": "保存计算结果"
                     *                       }
                     *                     }
                     *                   ],
                     *                   "last_step_stage_id": []
                     *                 }
                     *               ]
                     *             }
                     *           ]
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["InstanceReport"];
                };
            };
            401: components["responses"]["Unauthorized"];
            default: components["responses"]["Error"];
        };
    };
    listAuditEvents: {
        parameters: {
            query: {
                /** @description How many records to leave out. */
                offset: components["parameters"]["recordOffset"];
                /** @description How many records to answer with. */
                limit: components["parameters"]["limit"];
            };
            header?: never;
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
            /** @description One slice of the audit log. */
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
                     *           "id": 73423,
                     *           "league_id": "00a5b6c8ed214c45b7d2f52ca8eb8d86",
                     *           "event_info": "Partner [space_creator] execute [VFL] job [目录_样本对齐] id: [5dc4ab1bfd664e80ae52d71d8b46472a] , use dataset [{\"space_creator\" : \"multidir_true\", \"dayu002\" : \"breast_hetero_mini_guest\"}], consume [10000] millis, [SUCCEEDED]",
                     *           "event_status": "SUCCEEDED",
                     *           "event_start_time": "2022-10-28T07:48:26.000+00:00",
                     *           "event_end_time": "2022-10-28T07:48:36.000+00:00",
                     *           "create_user_project_id": "098593b07680d2a32f62c004a482da10",
                     *           "create_user_domain_id": "098593b06a80d2a30f5fc004c28f6da0",
                     *           "creator_alias_name": "space_creator",
                     *           "sponsor_agent_name": "agent_4760"
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["AuditEventRowList"];
                };
            };
            401: components["responses"]["Unauthorized"];
            default: components["responses"]["Error"];
        };
    };
    listAgents: {
        parameters: {
            query: {
                /** @description How many records to leave out. */
                offset: components["parameters"]["recordOffset"];
                /** @description How many records to answer with. */
                limit: components["parameters"]["limit"];
                /** @description Only agents whose name resembles this one. */
                agent_name?: string;
                /** @description Only agents of leagues whose name resembles this one. */
                league_name?: string;
            };
            header?: never;
            path: {
                /** @description Project the account works in. */
                project_id: components["parameters"]["projectId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One slice of the agents. */
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
                     *           "highAvail": false,
                     *           "agent_id": "22a38e92ef7e4284b666b2a14bc29462",
                     *           "agent_name": "agent_7819",
                     *           "league_name": "test",
                     *           "image_version": "1.15.1",
                     *           "league_version": "1.15.1",
                     *           "league_id": "ef73b252a0ad4b5db21a12c40a413b2f",
                     *           "creator_user_name": "user01",
                     *           "creator_domain_id": "098593b06a80d2a30f5fc004c28f6da0",
                     *           "is_high_avail": false,
                     *           "deploy_type": "CCE",
                     *           "deploy_status": "RUNNING",
                     *           "create_time": "2022-10-08T08:54:26.000+00:00",
                     *           "enable_upgrade": false,
                     *           "deployment_event_information": "Closing agent container",
                     *           "enable_delete": false
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["AgentRowList"];
                };
            };
            401: components["responses"]["Unauthorized"];
            default: components["responses"]["Error"];
        };
    };
    getAgentDeployment: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Project the account works in. */
                project_id: components["parameters"]["projectId"];
                /** @description Agent. */
                agent_id: components["parameters"]["agentId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The deployment. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "agent_deploy": {
                     *         "agent_id": "22a38e92ef7e4284b666b2a14bc29462",
                     *         "agent_name": "agent_7819",
                     *         "league_region_name": "xx-xxx",
                     *         "league_id": "ef73b252a0ad4b5db21a12c40a413b2f",
                     *         "league_name": "test",
                     *         "league_version": "1.15.1",
                     *         "image_id": "115",
                     *         "image_version": "1.15.1",
                     *         "creator_project_id": "098593b07680d2a32f62c004a482da10",
                     *         "creator_name": "user01",
                     *         "creator_id": "098593b08f00d2a34f64c004408b64bc",
                     *         "creator_domain_id": "098593b06a80d2a30f5fc004c28f6da0",
                     *         "create_time": "2022-10-08T08:54:26.000+00:00",
                     *         "storage_mount_type": "OBS",
                     *         "deploy_type": "CCE",
                     *         "deploy_status": "RUNNING",
                     *         "deployment_event_information": "Closing agent container",
                     *         "bcs_flag": true,
                     *         "cce_version": "v1.19.10",
                     *         "aom_flag": true,
                     *         "nat_id": "baedab5b-d120-43a6-b965-5b3d7e2deae5",
                     *         "high_avail": false
                     *       },
                     *       "agent_deploy_detail": {
                     *         "agent_id": "22a38e92ef7e4284b666b2a14bc29462",
                     *         "agent_access_address": "https://192.0.2.10:30964",
                     *         "namespace_name": "default",
                     *         "resource_spec_code": "agent.middle",
                     *         "ief_instance_id": "51e0a7c4-5a0b-4f0e-8f66-0a2f3c1d9b72",
                     *         "cce_cluster_id": "233ac994-46e7-11ed-9162-0255ac100b09",
                     *         "cce_cluster_name": "tics-agent-22a38e92ef7e4284b666b2a14bc29462",
                     *         "console_ip": "192.0.2.10",
                     *         "web_port": 30964,
                     *         "console_port": 30912,
                     *         "host_path": null,
                     *         "obs_pvc_name": "cce-obs-22a38e92ef7e4284b666b2a14bc29462",
                     *         "persistence_id": "pvc-747d6aa1-22cc-4993-a32e-1c6c64f38bdb"
                     *       },
                     *       "agent_deploy_bcs": {
                     *         "agent_id": "22a38e92ef7e4284b666b2a14bc29462",
                     *         "bcs_ip": "192.0.2.30",
                     *         "block_chain_id": "7c1f3a52-46e9-11ed-9162-0255ac100b09",
                     *         "block_chain_name": "bcs-tics",
                     *         "channel_name": "channel",
                     *         "org_name": "organization",
                     *         "org_name_hash": "4f8a61c0d25be973a1180e6c4fb927d3508c6e1a"
                     *       },
                     *       "agent_deploy_node": {
                     *         "ecs_server_id": "5461246e-29fc-4016-b422-4b0db86a89a6",
                     *         "node_id": "8e204053-46e8-11ed-9162-0255ac100b09",
                     *         "agent_id": "22a38e92ef7e4284b666b2a14bc29462",
                     *         "node_ip": "192.0.2.11",
                     *         "node_name": "node-22a38e92ef7e4284b666b2a14bc29462-0",
                     *         "node_az": "xx-xxx",
                     *         "nat_eip": "192.0.2.10",
                     *         "nat_eip_id": "1966fa41-229e-4595-a725-e99266ce9587",
                     *         "snat_rule_id": "0b6f2c9e-5d1a-4c37-8e84-2f19a7c3d560",
                     *         "league_server_snat_ip": "192.0.2.40",
                     *         "league_server_ip_security_group_rule": "e2d7450a-9b13-4f68-a1c5-60f83b2e97d4",
                     *         "agent_vpcep_eps_id": "3ac8e715-f204-4b9d-8d67-c15e90b7a248",
                     *         "server_to_agent_vpcep_epi_id": "91b4d06f-7e3c-4a52-b98f-d4702c6e15a3",
                     *         "server_to_agent_vpcep_epi_ip": "192.0.2.50"
                     *       },
                     *       "agent_deploy_nat": {
                     *         "nat_id": "baedab5b-d120-43a6-b965-5b3d7e2deae5",
                     *         "project_id": "098593b07680d2a32f62c004a482da10",
                     *         "vpc_id": "670ad039-5188-4c18-9ca2-a6b29bd18d67",
                     *         "subnet_id": "9cc4bdd1-ad35-4d0f-849c-71d305121f61"
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["AgentDeployment"];
                };
            };
            401: components["responses"]["Unauthorized"];
            default: components["responses"]["Error"];
        };
    };
}
