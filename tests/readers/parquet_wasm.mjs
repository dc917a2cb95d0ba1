// Prints the rows of Parquet files as JSON, dates as YYYY-MM-DD: node parquet_wasm.mjs FILE ...
import { readFileSync } from "node:fs";
import { tableFromIPC } from "apache-arrow";
import { readParquet } from "parquet-wasm/node";

const rows = [];
for (const path of process.argv.slice(2)) {
  const table = tableFromIPC(readParquet(readFileSync(path)).intoIPCStream());
  rows.push(...table.toArray().map((row) => row.toJSON()));
}
const plain = (key, value) =>
  typeof value === "bigint"
    ? Number(value)
    : /_date$/.test(key) && value !== null
      ? new Date(value).toISOString().slice(0, 10)
      : value;
console.log(JSON.stringify(rows, plain));
