"""Word error rate of voice notes: 20 made-up sentences, four made-up voices, through the same detector and engine as a real note.

Speech is made by flite (deploy/debian-packages-more.txt). Made-up speech is clearer than a person's in a noisy room and stranger than it
too, so the figure is a floor for this engine, not a promise.
"""

import statistics
import time

from witting.device.voice.recognise import load_recogniser
from witting.device.voice.speech import trim
from witting.testing.microphone import RATE_HZ, VOICES, has_speech, speech, words_wrong

SENTENCES = """open the form and fill in the name of the customer
i click save because the form is complete
now i look for the order in the second table
the invoice is missing so i write to the supplier
first i check the address and then the date
this field must stay empty for private customers
i copy the number from the letter into the form
the page is slow so i wait until it has loaded
i choose the second option because the first one is too expensive
please remember that the total must be checked twice
i close the window and open the next message
the report is due on friday morning
we need the signature of the manager here
i sort the list by date and take the newest
this button sends the form so i read it again before
the price is wrong because the discount is missing
i always save a copy before i change anything
there is a mistake in the third row
now i search for the name of the street
the meeting starts at nine in the large room""".splitlines()


def main() -> None:
    """Print the table."""
    if not has_speech():
        print("voice: flite isn't installed, nothing measured")
        return
    engine = load_recogniser("pocketsphinx")
    words = sum(len(sentence.split()) for sentence in SENTENCES)
    rates = []
    print(f"voice notes: {len(SENTENCES)} sentences, {words} words, pocketsphinx's own model\n")
    print("| voice | word error rate | CPU s per s of speech |\n|---|---|---|")
    for voice in VOICES:
        sounds = [(sentence, trim(bytes(8000) + speech(sentence, voice) + bytes(8000), RATE_HZ)) for sentence in SENTENCES]
        began = time.process_time()
        wrong = sum(words_wrong(sentence, engine.text_of(sound, RATE_HZ)) for sentence, sound in sounds)
        cost = (time.process_time() - began) / (sum(len(sound) for _, sound in sounds) / 2 / RATE_HZ)
        rates.append(wrong / words)
        print(f"| {voice} | {wrong / words:.1%} | {cost:.2f} |")
    print(f"\nmedian {statistics.median(rates):.1%}, from {min(rates):.1%} to {max(rates):.1%}")


if __name__ == "__main__":
    main()
