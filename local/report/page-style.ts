/** Light or dark as the reader prefers, but light on paper. */
import { FRAMES } from './draw.ts';
import { TONES } from './tones.ts';

const SURFACES = {
  page: { light: '#ffffff', dark: '#11161c' },
  raised: { light: '#f4f6f9', dark: '#1a212a' },
  edge: { light: '#d9dfe7', dark: '#323c48' },
} as const;

function variables(mode: 'light' | 'dark'): string {
  const colours = Object.entries({ ...SURFACES, ...TONES });
  return colours.map(([name, colour]) => `--${name}:${colour[mode]}`).join(';');
}

const NARROW = 'max-width:640px';

export const PAGE_STYLE = `
:root{${variables('light')}}
@media screen and (prefers-color-scheme:dark){:root{${variables('dark')}}}
*{box-sizing:border-box}
body{margin:0 auto;padding:2.5rem 1.5rem 4rem;max-width:64rem;background:var(--page);color:var(--ink);
font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;
overflow-wrap:anywhere;-webkit-text-size-adjust:100%}
h1{font-size:1.9rem;line-height:1.2;margin:0 0 .6rem;letter-spacing:-.01em}
h2{font-size:1.35rem;line-height:1.25;margin:3rem 0 .6rem;padding-top:1.2rem;border-top:1px solid var(--edge)}
h3{font-size:1.02rem;line-height:1.35;margin:0 0 .15rem}
p{margin:.5rem 0;max-width:46rem}
a{color:var(--blue)}
.verdict{font-size:1.22rem;line-height:1.4;font-weight:600;border-left:.35rem solid var(--muted);padding:.1rem 0 .1rem .8rem;margin:.8rem 0}
.verdict.good{border-color:var(--teal)}
.verdict.caution{border-color:var(--orange)}
.verdict.bad{border-color:var(--red)}
nav ol{columns:2 18rem;column-gap:2rem;margin:1.5rem 0 0;padding:0 0 0 1.3rem;font-size:.95rem}
nav li{break-inside:avoid;padding:.1rem 0}
details{margin:-.4rem 0 1.2rem}
summary{cursor:pointer;color:var(--blue);font-size:.9rem}
summary:focus-visible{outline:2px solid var(--blue);outline-offset:3px}
.lead{font-size:1.08rem;color:var(--muted)}
.facts{display:grid;grid-template-columns:repeat(auto-fill,minmax(12.5rem,1fr));gap:.75rem;margin:1.5rem 0 0}
.facts div{background:var(--raised);border:1px solid var(--edge);border-radius:.5rem;padding:.75rem .9rem}
dt{color:var(--muted);font-size:.85rem;line-height:1.3}
dd{margin:0}
.value{font-size:1.22rem;font-weight:650;line-height:1.35;font-variant-numeric:tabular-nums}
.note{color:var(--muted);font-size:.8rem;line-height:1.35}
figure{margin:1.6rem 0 1.2rem;break-inside:avoid}
figcaption p{margin:0;color:var(--muted);font-size:.93rem;line-height:1.45}
figure.empty{border:1px dashed var(--edge);border-radius:.5rem;padding:.9rem 1rem}
p.empty{color:var(--muted)}
.legend{display:flex;flex-wrap:wrap;gap:.15rem 1.1rem;list-style:none;margin:.55rem 0 .1rem;padding:0;font-size:.82rem;line-height:1.5}
.legend li{display:flex;align-items:center;gap:.4rem}
.legend svg{flex:none}
.chart{display:block;width:100%;max-width:${FRAMES.wide.width}px;height:auto;margin-top:.35rem;
font-size:12px;font-variant-numeric:tabular-nums;overflow:visible}
.chart text{white-space:pre}
.chart.narrow{display:none;max-width:28rem;font-size:11px}
.scroll{overflow-x:auto;margin:1.2rem 0;break-inside:avoid}
.scroll:focus-visible{outline:2px solid var(--blue);outline-offset:3px}
table{border-collapse:collapse;font-size:.87rem;font-variant-numeric:tabular-nums;min-width:min(100%,24rem)}
caption{text-align:left;font-weight:650;padding-bottom:.35rem}
caption span{display:block;position:sticky;left:0;max-width:calc(100vw - 2rem)}
th,td{padding:.28rem .8rem;border-bottom:1px solid var(--edge);text-align:right;white-space:nowrap;overflow-wrap:normal;vertical-align:top}
thead th{color:var(--muted);font-weight:600;vertical-align:bottom;white-space:normal;border-bottom-width:2px}
tbody th{font-weight:500}
th:first-child,.word{text-align:left}
th:first-child{padding-left:0}
th:last-child,td:last-child{padding-right:0}
td.word{white-space:normal;overflow-wrap:anywhere;min-width:11rem}
@media screen and (${NARROW}){
body{padding:1.4rem 1rem 3rem;font-size:15.5px}
h1{font-size:1.5rem}
.verdict{font-size:1.08rem}
h2{font-size:1.2rem;margin-top:2.2rem}
.facts{grid-template-columns:repeat(2,minmax(0,1fr));gap:.5rem}
.facts div{padding:.55rem .65rem}
.value{font-size:1.02rem}
.chart.wide{display:none}
.chart.narrow{display:block}
th,td{padding:.26rem .5rem}
nav ol{columns:1}
}
@page{size:A4;margin:14mm 13mm}
@media print{
caption span{max-width:none}
body{padding:0;max-width:none;font-size:10.5pt}
h1{font-size:18pt}
h2{break-after:avoid;margin-top:1.6rem}
.facts{grid-template-columns:repeat(4,1fr);gap:.4rem}
.facts div{padding:.45rem .55rem;break-inside:avoid}
details{display:none}
.value{font-size:12pt}
.scroll{overflow:visible}
table{font-size:8.5pt}
th,td{padding:.18rem .5rem}
svg,.facts div{print-color-adjust:exact;-webkit-print-color-adjust:exact}
}
`;
