"""The files of a profile's models: what is here, fetching, proving, planning and removing.

Nothing here needs torch; transformers is imported when a tokenizer is verified and
huggingface_hub when something is fetched or removed.
"""
