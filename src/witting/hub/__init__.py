"""The hub: the organisation's server. It takes reviewed parcels in after asking consent again, keeps them sealed, and gives them back up.

Never sees a raw record. Import from the submodules by name; nothing is loaded here.
"""
