"""The participant's machine: capture → privacy → spool → desk → send. Raw data lives here for milliseconds only."""
