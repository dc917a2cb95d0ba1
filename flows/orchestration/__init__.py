"""What the flows share of Prefect: tasks, states, names, logs, artifacts, alerts, the server.

In goes what a flow was asked for, out comes the state that its run ends in. Nothing is decided
here, and no document or figure is handed to Prefect: it sees names, sentences and times.
"""
