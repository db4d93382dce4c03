const cyclesDeep = 18;

const everything = [
  'agents(first:100){nodes{id runtime{__typename}deployment{__typename}connectors(first:100){nodes{id settings{__typename}}}datasets(first:100){nodes{id registration{name}}}}}',
  'jobs(first:100){nodes{id description latestInstance{id}instances(first:100){nodes{id report{jobName}error{message}executionGraph{round}progress{__typename}sample{__typename}metrics{__typename}result{__typename}}}}}',
  'datasets(first:100){nodes{id privacy{description}columns{name}registration{name}usedBy:usage{__typename}availability{__typename}}}',
  'auditLog(first:100){totalCount}partners(first:100){totalCount}computeNodes(first:100){totalCount}settings{__typename}blockchain{__typename}statistics{__typename}availableDatasets(type:LOCAL_CSV){__typename}',
];

/** Short queries that cost most, by their size in bytes. */
export const costlyQueries: Readonly<Record<string, string>> = {
  // Everything of everything: thousands of calls.
  764: `{leagues(first:100){nodes{id ${everything.join('')}}}}`.padEnd(764),
  // Cycles: three calls, and more objects than any process holds.
  434: `{leagues{nodes{${'agents{nodes{league{'.repeat(cyclesDeep)}id${'}}}'.repeat(cyclesDeep)}}}}`,
};
