import { groupsOf } from './word-groups.ts';

/** Words people use for each other when they speak of what programs do, a group a line. */
const GROUPS = `
delete remove erase drop discard clear
get fetch retrieve obtain read
list show display enumerate
create make generate build produce compose
add append insert
update modify edit change alter adjust
find search locate discover lookup
send deliver dispatch transmit
calculate compute determine estimate
check verify validate confirm inspect
begin start launch initiate run execute
stop end terminate halt cancel
buy purchase order shop
book reserve reservation booking
picture image photo photograph
film movie cinema
song music track audio
video clip footage
doc document file
folder directory
mail email message
chat conversation dialogue
error exception failure bug
price cost quote rate
stock share equity ticker
money currency cash
weather forecast climate
car vehicle automobile auto
flight plane airline airfare
trip travel journey vacation
hotel lodging accommodation stay
map route direction navigation
address location place geocode
restaurant dining eatery
food meal dish cuisine
recipe cooking cook
doctor physician clinician
medicine drug medication pharmaceutical
illness disease sickness
job career employment vacancy
employee staff worker personnel
company business firm corporation enterprise organization
customer client
user account profile
lawyer attorney legal
house home property residence estate
student pupil learner
teacher instructor tutor
school education academy
article paper publication
summary summarize digest abstract
translate translation language
convert transform conversion
chart graph plot diagram visualize
spreadsheet excel sheet workbook
presentation slide ppt powerpoint
website webpage site page url
news headline
evaluate assess assessment review
compare comparison difference
recommend suggest recommendation suggestion advice
schedule appointment calendar meeting
task todo
phone mobile smartphone
screenshot capture snapshot
coordinate latitude longitude geocode
horoscope astrology zodiac
gift present
clothes clothing apparel fashion outfit
exercise workout fitness
game gaming play
sport athletic
code program programming source
repository repo git
database db sql table
query question ask
cryptocurrency crypto bitcoin token coin
tax taxation
insurance policy coverage
discount coupon deal voucher
rent rental lease
animal pet
plant garden
space astronomy
pollution environmental environment
crime criminal
monitor track watch observe
encrypt encryption cipher
secure security protection
upload import
download export save
volume loudness
temperature thermostat
`;

/** Stem → stems that may stand for it. */
export const SYNONYMS = groupsOf(GROUPS);
