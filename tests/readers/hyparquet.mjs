// Prints the rows of Parquet files as JSON, dates as YYYY-MM-DD: node hyparquet.mjs FILE ...
import { asyncBufferFromFile, parquetReadObjects } from "hyparquet";
import { compressors } from "hyparquet-compressors";

const rows = [];
for (const path of process.argv.slice(2)) {
  const file = await asyncBufferFromFile(path);
  rows.push(...(await parquetReadObjects({ file, compressors })));
}
const plain = (key, value) =>
  typeof value === "bigint" ? Number(value) : /_date$/.test(key) && value ? value.slice(0, 10) : value;
console.log(JSON.stringify(rows, plain));
