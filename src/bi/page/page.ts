import { tables } from '../model/tables.ts';
import { tableNames, type Row, type Table } from '../model/types.ts';
import type { Parameters } from '../query/compile.ts';
import { compare } from '../query/expression.ts';
import { filtered, grouped, rowsOf, type Relation, type Scope } from '../query/relation.ts';
import { countRows, readRows, type BiRequest, type Tables } from '../reading.ts';
import { createCalendar } from '../refresh/calendar.ts';
import { connectionsOf, type Connection } from './connections.ts';
import { escaped, runsChart, type DayCount } from './chart.ts';

const chartDays = 90;

interface TableFigures {
  readonly table: Table;
  readonly rows: number;
  readonly asOf: string | null;
}

async function figuresOf(bi: Tables, scope: Scope, signal: AbortSignal): Promise<readonly TableFigures[]> {
  return Promise.all(
    tableNames.map(async (name) => {
      const rows = await countRows(bi, (parameters) => rowsOf(tables[name], scope, parameters), signal);
      return { table: tables[name], rows: Number(rows), asOf: bi.refresher.asOf(name, scope.leagues) };
    }),
  );
}

async function runsByDay(bi: Tables, scope: Scope, signal: AbortSignal): Promise<string> {
  const calendar = createCalendar(bi.timeZone);
  const today = calendar.dayOf(Date.now());
  const from = calendar.before(today, chartDays - 1);
  const by = { by: ['date', 'status'], aggregates: [{ as: 'count', method: 'count' }] } as const;
  const groups = (parameters: Parameters): Relation => {
    const runs = rowsOf(tables.job_instance, scope, parameters);
    return grouped(filtered(runs, compare('ge', 'date', 'date', from), parameters), by, parameters);
  };
  const rows = await readRows(bi, groups, { columns: ['date', 'status', 'count'], order: [] }, signal);
  const counts = rows.map((row: Row): DayCount => ({
    date: String(row['date']),
    status: String(row['status']),
    count: Number(row['count']),
  }));
  return runsChart(calendar.days(from, today), counts);
}

function columnTable({ columns }: Table): string {
  const rows = Object.entries(columns).map(
    ([name, { type, nullable, references, label, description }]) =>
      `<tr><td><code>${name}</code></td><td lang="zh">${label.zh}</td><td>${type}${nullable ? '' : ', required'}${references ? `, → <code>${references}</code>` : ''}</td><td>${escaped(description.en)}<br><span lang="zh">${escaped(description.zh)}</span></td></tr>`,
  );
  return `<div class="wide" tabindex="0"><table><thead><tr><th>column</th><th lang="zh">中文</th><th>type</th><th>what it holds</th></tr></thead><tbody>${rows.join('')}</tbody></table></div>`;
}

/** To the minute: how old rows are is a matter of minutes. */
function freshnessText(asOf: string | null): string {
  const isRead = asOf !== null && Date.parse(asOf) > 0;
  return isRead ? `<time datetime="${asOf}">${asOf.slice(0, 16).replace('T', ' ')} UTC</time>` : 'not read yet';
}

function tableSection({ table, rows, asOf }: TableFigures): string {
  const { name, label, description } = table;
  const feeds = ['csv', 'ndjson', 'parquet'].map((format) => `<a href="/bi/v1/${name}.${format}">${format}</a>`);
  return `<details id="${name}"><summary><code>${name}</code><span lang="zh">${label.zh}</span><span class="rows"><b data-rows="${name}">${rows.toLocaleString('en')}</b> rows</span><span class="age">${freshnessText(asOf)}</span></summary>
<p>${escaped(description.en)} <span lang="zh">${escaped(description.zh)}</span></p>
<p>${feeds.join(' · ')} · <a href="/bi/v1/${name}.csv?excel=1">csv for Excel</a> · <a href="/odata/v4/${name}?$top=20">odata</a></p>${columnTable(table)}</details>`;
}

function connectionSection({ tool, how, text, file }: Connection): string {
  const link = file === undefined ? '' : ` <a href="/bi/${file}">${file}</a>`;
  return `<h3>${escaped(tool)}</h3><p>${escaped(how)}${link}</p><pre tabindex="0">${escaped(text)}</pre>`;
}

// A click on what is to be pasted selects all of it. Text in the chart keeps its size where the chart is narrow.
const style = `:root{color-scheme:light dark}body{font:15px/1.5 system-ui,sans-serif;max-width:62rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.4rem}h2{font-size:1.1rem;margin-top:2.5rem}h3{font-size:1rem;margin:1.5rem 0 0}h3+p{margin:.2rem 0 .5rem}
table{border-collapse:collapse;width:100%;font-size:.9rem}td,th{text-align:left;vertical-align:top;padding:.25rem .5rem;border-bottom:1px solid #8883}
.wide,pre{overflow:auto}pre{background:#8881;border-radius:4px;padding:.6rem;font-size:.85rem;user-select:all}
details{border-bottom:1px solid #8883}summary{cursor:pointer;padding:.35rem 0;display:grid;grid-template-columns:minmax(0,1fr) 9rem 7rem 11rem;gap:0 1rem}
summary code::before{content:"▸ ";opacity:.6}details[open] summary code::before{content:"▾ "}summary::-webkit-details-marker{display:none}
.rows{text-align:right}.age{opacity:.75}.legend{display:flex;flex-wrap:wrap;gap:.2rem 1.5rem;padding:0;margin:0;list-style:none}
.legend i{display:inline-block;width:.7em;height:.7em;margin-right:.4em;border-radius:2px}
svg{width:100%;height:auto}svg text{font-size:11px;fill:currentColor}svg .grid{stroke:currentColor;opacity:.15}
@media(max-width:46rem){summary{grid-template-columns:1fr auto}.rows,.age{font-size:.9rem}.rows{order:1}.age{order:2;text-align:right}svg text{font-size:22px}}`;

/** Until the first runs are there the page asks for itself again. */
const reloadSeconds = 5;

/** `GET /bi`: the tables and how to reach them from each tool. Needs no script and nothing from elsewhere. */
export async function answerPage(bi: Tables, { response, reader, baseUrl, signal }: BiRequest): Promise<void> {
  const snapshot = bi.store.stamp();
  const scope: Scope = { leagues: reader.leagues, snapshot, asOf: snapshot, readAt: snapshot };
  const [figures, chart] = await Promise.all([figuresOf(bi, scope, signal), runsByDay(bi, scope, signal)]);
  const pending = bi.refresher.pendingDays(reader.leagues);
  const isFirstRead = bi.refresher.asOf('job_instance', reader.leagues) === null;
  const progress = isFirstRead ? 'the first rows are being read' : `${pending} days of history are still being read`;
  const html = `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">${isFirstRead ? `<meta http-equiv="refresh" content="${reloadSeconds}">` : ''}
<title>TICS for BI tools</title><style>${style}</style><main><h1>TICS for BI tools</h1>
<p>OData: <code>${escaped(baseUrl)}/odata/v4/</code> · <a href="/bi/tics.pbids">tics.pbids</a> · <a href="/bi/v1/sync_status.csv">how fresh each table is</a> · <a href="#connect">what to paste where</a>${isFirstRead || pending > 0 ? ` · ${progress}` : ''}</p>
<h2>Runs by day and status</h2>${chart}
<h2>Tables</h2>${figures.map(tableSection).join('\n')}
<h2 id="connect">Connect</h2>${connectionsOf(baseUrl, tables.job_instance, bi.store.engine).map(connectionSection).join('\n')}</main></html>`;
  response.writeHead(200, {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'private, no-store',
    'content-security-policy':
      "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  });
  response.end(html);
}
