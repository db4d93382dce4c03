import { recordPage, timestamp } from '../contract/formats.ts';
import type { Handlers } from '../contract/handler.ts';
import { executionGraph, reportOf, resultExtText } from '../results/index.ts';
import type { GraphNode, GraphStage, GraphTask, InstanceReport } from '../results/index.ts';
import type { Instance, League, World } from '../model/world.ts';
import { requestedInstance, requestedLeague, ok, pageParameters, textParameter } from './request.ts';

export const instanceHandlers: Handlers = {
  /** §6.6.1: rows do not name their job. An unknown job has no runs. */
  listLeagueInstances(request, world) {
    const { id } = requestedLeague(request, world);
    const jobId = textParameter(request, 'job_id');
    const instances =
      jobId === undefined
        ? world.instancesOfLeague(id)
        : world.instancesOfJob(jobId).filter(({ leagueId }) => leagueId === id);
    return ok(recordPage(instances, pageParameters(request), (instance) => instanceRow(world, instance)));
  },

  /** §6.6.2: a bare array; empty before the round starts. */
  getExecutionGraph(request, world) {
    const instance = requestedInstance(request, world);
    return ok(executionGraph(world, instance, Number(request.query.round_id)).map(graphNode));
  },

  /** §6.6.3 */
  getInstanceReport(request, world) {
    const instance = requestedInstance(request, world);
    return ok(report(world, requestedLeague(request, world), reportOf(world, instance)));
  },
};

function instanceRow(world: World, instance: Instance) {
  return {
    id: instance.id,
    status: instance.status,
    job_name: instance.jobName,
    job_instance_type: instance.type,
    job_partner: [...new Set(instance.agentIds.map((id) => world.aliasOfAgent(id)))].join(','),
    round_id: instance.rounds,
    start_time: timestamp(instance.startedAtMs),
    end_time: timestamp(instance.endedAtMs),
    is_single_predict: instance.isSinglePredict ?? null,
    ext: instance.ext ?? '{}',
    result_ext: resultExtText(world, instance) ?? null,
  };
}

function graphNode(node: GraphNode) {
  return {
    node_id: node.id,
    node_name: node.name,
    node_type: node.type,
    node_partner_alias: node.partnerAlias,
    stages: node.stages.map(graphStage),
  };
}

function graphStage(stage: GraphStage) {
  return {
    id: stage.id,
    stage_name: stage.name,
    processors: stage.tasks.map(graphTask),
    last_step_stage_id: stage.upstreamStageIds,
  };
}

function graphTask(task: GraphTask) {
  return {
    id: task.id,
    task_name: task.name,
    last_step_task_ins_id: task.upstreamTaskIds,
    start_time: task.startedAtMs ?? 0,
    end_time: task.endedAtMs ?? 0,
    // Milliseconds, in spite of the name.
    exec_duration_nano: task.durationMs,
    task_in_record_cnt: task.inputCount,
    task_out_record_cnt: task.outputCount,
    task_status: task.status,
    task_show_info: task.info,
  };
}

function report(world: World, league: League, instanceReport: InstanceReport) {
  return {
    job_report_base_info: {
      status: instanceReport.status,
      executor: instanceReport.executorName,
      job_name: instanceReport.jobName,
      job_type: instanceReport.type,
      hfl_type: instanceReport.phase ?? null,
      exe_time: timestamp(instanceReport.executedAtMs),
    },
    job_report_partners: instanceReport.parties.map((party) => ({
      partner_domain_name: party.domainName,
      partner_domain_alias: party.alias,
      dataset_name: party.datasetName,
      agent_name: party.agentName,
      data_output_cnt: party.outputCount,
    })),
    job_report_env: {
      region_id: world.tenant.regionName,
      project_id: world.tenant.projectId,
      league_id: league.id,
      league_name: league.name,
      agg_name: instanceReport.aggregatorName,
    },
    job_report_output: {
      ext: instanceReport.ext ?? null,
      metrics: instanceReport.metrics && {
        accuracy: instanceReport.metrics.accuracy,
        auc: instanceReport.metrics.auc,
        f1: instanceReport.metrics.f1,
        ks: instanceReport.metrics.ks,
        recall: instanceReport.metrics.recall,
        precision: instanceReport.metrics.precision,
      },
      result_storage_domain_alias: instanceReport.storageAliases.join(','),
      result_storage_agent_name: instanceReport.storageAgentNames.join(','),
    },
    round_deploys: instanceReport.rounds.map(({ round, nodes }) => ({
      round_id: round,
      deploys: nodes.map(graphNode),
    })),
  };
}
