"""The participant's own pages, served to this machine only: status, notice, receipts, review, sending, leaving.

Import from the submodules by name: `config.DeskConfig`, `app.create_desk`, `serve.serve`; only the last two load a web framework.
"""
