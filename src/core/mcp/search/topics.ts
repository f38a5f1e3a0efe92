import { groupsOf } from './word-groups.ts';

/**
 * Subjects, one a line: words that turn up together in requests and in descriptions of tools. They are no synonyms; but a
 * request that speaks of flights and hotels is more likely meant for a tool about travel than for any other.
 */
const TOPICS = `
travel trip tour tourism tourist vacation holiday itinerary destination flight airline airport airfare hotel hostel resort accommodation booking attraction sightseeing visit cruise backpack
transport transit bus train metro subway railway station ticket timetable route commute taxi rideshare
car vehicle automobile auto dealer dealership driving driver license motor sedan suv electric ev
parking park garage lot
food restaurant meal dinner lunch breakfast cuisine dish recipe ingredient cooking cook kitchen chef eat dining menu
nutrition diet calorie protein vitamin healthy meal weight
drink wine beer cocktail coffee tea bar beverage
shopping shop store product buy purchase price deal discount coupon bargain retailer brand ecommerce amazon
review rating opinion feedback pros cons advantage disadvantage
fashion clothes clothing apparel outfit style wear dress shoe shirt wardrobe stylist
beauty hair haircut skin skincare makeup cosmetic
gift present birthday anniversary christmas wedding
house home apartment property estate rent rental renting lease tenant landlord mortgage housing realtor listing
interior decor decorate furniture room design renovation
garden plant flower soil seed gardening
pet dog cat puppy animal veterinary vet breed
job career employment hiring hire recruit recruiter vacancy position salary resume cv interview applicant candidate freelance freelancer talent
education learn learning study course lesson class school university college teacher student tutor tutorial exam test quiz homework curriculum
language translate translation english spanish french german chinese japanese russian vocabulary grammar phrase pronunciation word speak
writing write writer essay article blog story novel poem copy content draft paragraph proofread rewrite paraphrase rephrase edit
book read reading author library novel literature publisher ebook chapter bible quran verse scripture
research paper academic scholar science scientific journal citation arxiv study literature publication
math mathematics mathematical equation algebra calculus calculate computation solve arithmetic formula statistic
physics chemistry biology molecule chemical element reaction compound
health medical doctor disease symptom diagnosis treatment patient hospital clinic medicine drug therapy illness
mental stress anxiety depression therapy wellbeing meditation mindfulness sleep
fitness exercise workout gym training muscle yoga run running
sport sports game match team league player score football soccer basketball baseball hockey tennis cricket golf nba nfl nhl mlb fixture standing tournament olympic
game gaming play player console videogame rpg dice adventure level quest puzzle chess simulator character
music song artist album playlist track concert lyrics band singer melody audio sound spotify
movie film cinema tv television show series episode streaming netflix actor director watch
art artist painting museum gallery artwork exhibition sculpture
image picture photo photograph photography drawing illustration draw edit enhance crop filter visual
video youtube clip footage caption subtitle transcript stream
podcast radio audio episode
design logo graphic creative poster banner template font color
3d model render scene augmented virtual
news headline breaking event current latest article journalist media press
politics political government parliament election vote policy president
law legal lawyer attorney court contract regulation statute litigation patent trademark copyright
crime criminal police fraud
tax taxes deduction irs accounting accountant invoice bookkeeping
money finance financial bank banking budget budgeting saving loan credit debt mortgage interest payment repay
invest investing investment investor portfolio fund stock share equity market trading dividend return asset wealth ticker etf
currency exchange dollar euro yen pound convert forex usd eur jpy cny
crypto cryptocurrency bitcoin ethereum blockchain token nft wallet defi coin btc eth
insurance policy coverage claim premium
company business corporate firm enterprise startup industry competitor b2b organization
marketing advertise advertising ad campaign promotion seo keyword brand ppc ranking audience
social post twitter tweet facebook instagram linkedin tiktok reddit hashtag influencer follower
sales lead customer crm prospect client
email mail inbox message newsletter
calendar schedule appointment reminder meeting event agenda plan
task todo project productivity reminder note checklist deadline
time timezone clock date hour now today current present
weather forecast temperature rain snow wind storm humidity climate sunny umbrella
ocean sea beach surf wave tide marine
earthquake disaster hurricane flood emergency alert
astrology horoscope zodiac star fortune tarot divination fate luck future
astronomy space planet star galaxy nasa satellite telescope
map location place address geocode coordinate direction navigation distance nearby latitude longitude
code coding programming developer software script function debug python javascript java github repository compile snippet
web website webpage site html page browser domain hosting deploy link url seo
server cloud infrastructure devops deploy container kubernetes docker ssh command terminal shell
database sql query table schema record
api endpoint integration request webhook
data dataset analysis analytics insight statistic metric
chart graph plot visualize visualization diagram flowchart mindmap dashboard
document pdf word docx file text page
spreadsheet excel csv sheet cell row column
presentation slide deck powerpoint ppt
search find google bing internet online web browse lookup
summary summarize digest conversation transcript chat history export
prompt chatgpt gpt llm ai assistant chatbot model
security password encrypt vulnerability malware phishing hack threat virus
device smart iot sensor appliance thermostat light speaker phone smartphone gadget electronic hardware
energy electricity power solar battery carbon emission environment sustainability
farm farming agriculture crop harvest
baby child kid parent pregnancy family toddler
dating love relationship partner romance
religion god prayer church faith bible
history historical ancient century war past
culture tradition festival heritage
joke humor funny meme
charity donation donate nonprofit volunteer fundraising
delivery ship shipment shipping package parcel courier logistics tracking
construction building architecture engineer material
manufacturing factory machine production assembly
robot robotics automation
`;

/** Stem → stems of the same subjects. */
export const RELATED = groupsOf(TOPICS);
