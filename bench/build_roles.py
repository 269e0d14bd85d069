"""Builds src/witting/device/privacy/data/roles.txt: words that say what somebody works as, `nurse`, `Buchhalter`, `serveuse`. Run by hand.

    python bench/build_roles.py            (pip install faker mimesis)

The words that job titles turn on (the last of an English or German title, the first of a French or Spanish one) from faker's lists (MIT)
and a half of mimesis' lists (MIT; the other half is for `texts_held`), and a list by hand below. A feature of the model, no verdict.
"""

import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import wordfreq
from mimesis import Person
from mimesis.locales import Locale

from texts_held import is_held
from witting.device.privacy.sample import fold, word_set

TARGET = Path(__file__).parents[1] / "src/witting/device/privacy/data/roles.txt"
HEAD = "# Words for what somebody works as, folded: by hand, and from faker and mimesis (both MIT). Made by bench/build_roles.py.\n"
BY_HAND = """
accountant actor actress actuary administrator adviser advisor agent aide ambassador analyst anchor announcer apprentice arbitrator
archeologist architect archivist artist assembler assessor assistant associate astronaut astronomer athlete attendant attorney
auctioneer auditor author baker banker barber barista bartender beautician bellhop biochemist biologist blacksmith boilermaker
bookkeeper botanist brewer bricklayer broadcaster broker builder butcher butler buyer cameraman captain cardiologist caretaker
carpenter cartographer cashier caterer chairman chairperson chairwoman chancellor chaplain chauffeur chef chemist chiropractor
choreographer cinematographer cleaner clergyman clerk coach cobbler comedian commander commissioner composer conductor confectioner
conservator constable consul consultant contractor controller cook coordinator copywriter coroner correspondent councillor counselor
counsellor courier crafter critic curator custodian dancer dealer dean decorator dentist deputy dermatologist designer detective
developer dietitian director dispatcher diver docent doctor doorman draftsman dressmaker driver drummer ecologist economist editor
educator electrician embalmer embosser engineer engraver entertainer entrepreneur epidemiologist erector escort estimator examiner
executive expediter fabricator farmer filmmaker financier firefighter fisherman fisher fitter florist footballer forecaster foreman
forester founder fumigator fundraiser gardener geographer geologist glazier governor grader grinder grocer guard guide gynecologist
hairdresser handler handyman harvester headmaster headteacher herbalist historian housekeeper hunter hydrologist illustrator inspector
installer instructor interior interpreter interviewer intern inventor investigator investor ironworker jailer janitor jeweler jeweller
jockey journalist judge keeper laborer labourer landlord landscaper lawyer lecturer legislator librarian lieutenant lifeguard linguist
loader lobbyist locksmith logger machinist magician magistrate maid mailman maker manager manicurist marketer marshal mason masseur
mathematician mayor mechanic mediator merchant messenger metallurgist meteorologist microbiologist midwife miller millwright miner
minister model moderator molder monk mortician mover musician nanny naturalist navigator neurologist notary novelist nun nurse
nutritionist obstetrician officer official operative operator optician optometrist orderly organizer ornithologist orthodontist
packager packer painter paralegal paramedic parson pastor pathologist patrolman paver pediatrician performer pharmacist philosopher
phlebotomist photographer physician physicist physiologist physiotherapist pianist picker pilot pipefitter pipelayer planner plasterer
playwright plumber podiatrist poet policeman policewoman politician porter postman postmaster potter preacher president presser priest
principal printer producer professor programmer projectionist prosecutor provost psychiatrist psychologist publicist publisher
purchaser rabbi radiographer radiologist ranger realtor receptionist recruiter referee registrar reporter representative researcher
restaurateur retailer rigger roofer roustabout runner sailor salesman salesperson saleswoman scaffolder scheduler scholar scientist
screener sculptor seamstress secretary senator sergeant servant server setter sewer shepherd sheriff shoemaker shopkeeper singer smith
social soldier solicitor sommelier songwriter specialist statistician steward stewardess stockbroker stonemason strategist stylist
superintendent supervisor surgeon surveyor sweeper tailor tanner taper teacher technician technologist telemarketer teller tester
therapist tiler toolmaker trader trainer translator trapper treasurer trimmer tuner tutor typist umpire undertaker underwriter
upholsterer usher valet vendor veterinarian vicar violinist waiter waitress warden watchmaker weaver webmaster weigher welder winemaker
woodworker worker writer yeoman zoologist ceo cfo cto coo cio vp svp evp md
arzt arztin anwalt anwaltin buchhalter buchhalterin lehrer lehrerin erzieher erzieherin pfleger pflegerin krankenschwester
krankenpfleger verkaufer verkauferin berater beraterin techniker technikerin ingenieur ingenieurin kaufmann kauffrau fahrer fahrerin
koch kochin kellner kellnerin backer backerin metzger maurer maler malerin schreiner tischler elektriker mechaniker mechatroniker
entwickler entwicklerin projektleiter projektleiterin abteilungsleiter abteilungsleiterin geschaftsfuhrer geschaftsfuhrerin sekretar
sekretarin sachbearbeiter sachbearbeiterin richter richterin journalist journalistin redakteur redakteurin polizist polizistin soldat
hausmeister reinigungskraft zahnarzt apotheker apothekerin tierarzt hebamme beamter beamtin angestellter azubi praktikant praktikantin
vorstand dozent dozentin medecin infirmier infirmiere avocat avocate comptable enseignant enseignante professeur professeure ingenieur
technicien technicienne vendeur vendeuse serveur serveuse cuisinier cuisiniere boulanger boulangere boucher plombier electricien macon
menuisier conducteur conductrice chauffeur developpeur developpeuse gerant gerante directeur directrice secretaire juge journaliste
policier policiere soldat pharmacien pharmacienne dentiste sage-femme fonctionnaire coiffeur coiffeuse jardinier agriculteur stagiaire
caissier caissiere medico medica enfermero enfermera abogado abogada contable contador contadora maestro maestra profesor profesora
ingeniero ingeniera tecnico vendedor vendedora camarero camarera cocinero cocinera panadero panadera carnicero fontanero electricista
albanil carpintero conductor conductora desarrollador programador programadora gerente director directora secretario secretaria juez
jueza periodista policia soldado farmaceutico dentista funcionario peluquero peluquera jardinero agricultor becario becaria cajero
cajera bombero
"""
_NOT = word_set("and other services work social interior sewer server printer runner model loader handler keeper tester")
_WORD = re.compile(r"[^\W\d_]{3,}")
_LISTS = {"en_US": -1, "de_DE": -1, "de_AT": -1, "fr_FR": 0, "fr_CH": 0, "es": 0}
_LOCALES = {Locale.EN: -1, Locale.EN_GB: -1, Locale.DE: -1, Locale.DE_AT: -1, Locale.FR: 0, Locale.ES: 0}
_MOST_COMMON = 1_000


def titles() -> Iterator[tuple[str, int]]:
    """Yield job titles with which of their words they turn on, the first or the last."""
    for name, place in _LISTS.items():
        jobs = import_module(f"faker.providers.job.{name}").Provider.jobs
        yield from ((job, place) for job in jobs)
    for locale, place in _LOCALES.items():
        person = Person(locale, seed=1)
        jobs = sorted({person.occupation() for _ in range(20_000)})
        yield from ((job, place) for job in jobs if not is_held(job))


def main() -> None:
    """Write the file."""
    words = {fold(word) for word in BY_HAND.split()}
    common = {fold(w) for lang in ("en", "de", "fr", "es") for w in wordfreq.top_n_list(lang, _MOST_COMMON, wordlist="small")}
    for title, place in titles():
        parts = _WORD.findall(re.split(r"[,(/]", title.replace("*in", "").replace(":in", ""))[0])
        if parts and fold(parts[place]) not in common:
            words.add(fold(parts[place]))
    kept = sorted(word for word in words - _NOT if word.isascii() and len(word) > 1)
    TARGET.write_text(HEAD + "\n".join(kept) + "\n", encoding="utf-8")
    print(len(kept), "words,", TARGET.stat().st_size, "bytes")


if __name__ == "__main__":
    main()
