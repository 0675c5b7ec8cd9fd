/** A small book that `margin load` takes as it stands: a start for one of the reader's own. */

const README = `# A first book

Rows for the margin checker, as \`margin load\` takes them. Everything here is an example: change the
values, keep the names of the files and columns, and load the folder again. Nothing is removed by a
load: delete the rows of what you take away yourself.

    margin load . --dry-run     # checks the files, and writes nothing
    margin load .               # writes the rows into the tables of your stack
    margin status               # what the checks make of them
    margin doctor               # what is still missing

| file | a row is | change |
|---|---|---|
| policy.json | the rules for all accounts | leave \`mode\` at \`observe\` until you trust what you see; then run \`margin enforce\` |
| risk.json | a class: its margin, and how its price moves | \`margin\` to your own rates; or \`"venue": "<name>"\` in its place (\`margin venues\`) |
| assets.csv | what accounts hold as collateral | your coins, each with the feed of its price, and what share of it counts |
| instruments.csv | a market | your contracts, each with its feed, its class and the asset it settles in |
| quotes.csv | one source's price of one feed | your feeds; \`now\` is the time of the load. After 300 seconds a quote is stale, so let a program write them |
| accounts.csv | an account | your accounts; \`marginModel\` is standard or portfolio |
| balances.csv | what an account holds of an asset | negative for a loan |
| positions.csv | a position | negative for a short one |

Names tie the rows together: a balance names an asset, a position an instrument, an instrument a feed, a
class and an asset. \`--dry-run\` finds a name that no row defines. Columns of your own begin with \`_\`.
USD is the currency of all values and needs no row.
`;

const POLICY = `{
  "mode": "observe",
  "callGraceSeconds": 3600
}
`;

const RISK = `{
  "BTC": {
    "margin": { "type": "flat", "initial": "0.1", "maintenance": "0.05" },
    "volatility": { "type": "ewma", "floor": "0.4", "stress": "0.9" },
    "jumpFloor": "0.005",
    "liquidity": { "fee": "0.0005", "slippage": "0.001" }
  },
  "USDC": { "volatility": "0.03", "jumpFloor": "0.001" }
}
`;

/** Texts by file name. */
export const FIRST_BOOK: Readonly<Record<string, string>> = {
  'README.md': README,
  'policy.json': POLICY,
  'risk.json': RISK,
  'assets.csv': `asset,feed,collateralWeight,liabilityWeight
BTC,BTC-USD,0.9,1.1
USDC,USDC-USD,0.98,1.02
`,
  'instruments.csv': `instrument,type,underlying,settlementAsset,contractSize,riskClass
BTC-PERP,perpetual,BTC-USD,USD,1,BTC
`,
  'quotes.csv': `feed,source,price,publishedAt
BTC-USD,first,60000,now
BTC-USD,second,60010,now
USDC-USD,first,1,now
USDC-USD,second,1.0001,now
`,
  'accounts.csv': `accountId,marginModel
alice,standard
bob,standard
`,
  'balances.csv': `accountId,asset,amount
alice,USDC,20000
bob,USD,2600
`,
  'positions.csv': `accountId,instrument,quantity,entryPrice
alice,BTC-PERP,1,60000
bob,BTC-PERP,-0.5,59000
`,
};
