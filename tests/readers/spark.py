"""Prints the rows of a table as JSON, dates as YYYY-MM-DD: `python spark.py FOLDER`."""

import json
import sys

from pyspark.sql import SparkSession
from pyspark.sql.types import BooleanType, DateType, IntegerType, LongType, StringType

spark = SparkSession.builder.master("local[1]").getOrCreate()
frame = spark.read.parquet(sys.argv[1])
kinds = {"report_date": DateType, "total": LongType, "delta": LongType, "war_day": IntegerType}
kinds |= {"approximate": BooleanType, "diagnosis": StringType, "year": IntegerType}
for name, kind in kinds.items():
    assert isinstance(frame.schema[name].dataType, kind), (name, frame.schema[name])
rows = frame.drop("year").orderBy("report_date", "category").collect()
print(json.dumps([row.asDict() for row in rows], default=str))
