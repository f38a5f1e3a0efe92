// What gives a task away, as data: patterns over an instruction in lower case, and how much each of them says. Developed
// on one half of test/fixtures/smart-prompts.json; the other half judges.
import type { Task } from '../../../config/route-words.ts';

/** A pattern, and what it adds once where it is found. */
export type Cue = readonly [pattern: RegExp, weight: number];

/** In order of precedence where two come out equal. */
export const TASK_CUES: readonly (readonly [Task, readonly Cue[]])[] = [
  [
    'translation',
    [
      [
        /\btranslat|\blocali[sz]e\b|übersetz|\btradu[cirsz]|翻译|翻譯|翻訳|訳して|перевед|перевод|przetłumacz|\bvertaal/,
        7,
      ],
      [
        /\b(?:how (?:do|would) (?:you|i) say|say (?:it|this|that) in|jak się mówi|wie sagt man|comment dit-on|cómo se dice|come si dice)\b/,
        6,
      ],
      [/\brends? en (?:français|anglais|allemand)|\bmeans? in (?:english|german|french|spanish)/, 5],
      [
        /\b(?:in|into|to|auf|ins|nach|en|al|na) (?:formal |british |mexican )?(?:english|french|german|spanish|italian|portuguese|dutch|polish|japanese|chinese|korean|russian|englische?|deutsche?|französische?|anglais|allemand|espagnol|inglés|francés|alemán|inglese|tedesco)\b/,
        2,
      ],
      [/^(?:english|german|french|spanish|italian|dutch|polish) (?:for|of)\b/, 6],
    ],
  ],
  [
    'summarisation',
    [
      [
        /^(?:please )?summar|\bsummary of\b|\bsummari[sz]e|\btl;?dr|\brecap\b|\bcondense\b|\bsynthesi[sz]e|\bkey (?:takeaway|point)|\btakeaways?\b|\brelease notes\b/,
        6,
      ],
      [
        /\bfass[et]?\b.*\bzusammen|\bzusammenfass|\bsynthese\b|résum|\bresum(?:e|en|ir|a)\b|\briassum|概括|总结|總結|摘要|要約|краткое содержание|кратко|суммир|\bstreszcz|\bsamenvat/,
        6,
      ],
      [/\bshorten\b|\bin (?:one|two|three|a few|five) (?:sentences?|words?|bullet)/, 3],
    ],
  ],
  [
    'extraction',
    [
      [
        /\bextract|\bextrais\b|\bextraire\b|\bextrae|\bextrah|\bpull out\b|\bnamed entit|提取|抽取|извлек|\bwyodrębn/,
        6,
      ],
      [
        /\bclassify|\bclassifie|\bclasific|\bklassifizier|\bcategori[sz]e|\blabel (?:each|every|the|all)|\btag (?:this|these|each|the)|\bsentiment\b|\bspam\b/,
        6,
      ],
      [
        /\b(?:list|find|identify|get|return|give me|trouve|nenne|busca|encuentra)(?: me)?(?: only)? (?:all|every|the|toutes?|tous|alle|todos|todas)\b.*\b(?:in|from|out of|as|of|dans|aus|de)\b|\bidentify all\b|\btrouve tou/,
        3,
      ],
      [
        /\b(?:positive|negative)\b.*\b(?:neutral|negative|positive)\b|\bwhich (?:date|dates|name|names|number|language|amount)\b|\bwhat language\b/,
        5,
      ],
      [
        /\b(?:as|into|to|to a|als|au format|in) (?:a )?(?:json|csv|markdown[- ]tabelle|list of triples)\b|\bjson array\b/,
        3,
      ],
      [/\bfields?\b.*\b(?:from|below|aus)\b|\bdie felder\b|\blies .*\baus\b|\bknowledge graph\b/, 4],
    ],
  ],
  [
    'code',
    [
      [
        /```|\bfunction\s*\w*\(|\bdef \w+\(|=>\s*[{(\w]|\bselect\b[^?]*\bfrom\b|#include|\bconst \w+ =|\bimport \w+|\bpublic class\b|\w\(\w*\)\s*;|\basync fn\b|^@\w+/m,
        4,
      ],
      [
        /\b(?:python|javascript|typescript|c\+\+|c#|rust|golang|kotlin|php|perl|scala|haskell|sql|css|html|bash|powershell|regex|jq|pandas|numpy|react|vue|angular|django|flask|fastapi|express|node(?:\.js)?|dockerfile|docker|kubernetes|terraform|webpack|postgres(?:ql)?|redis|kafka|github|git)\b|\b(?:java|js|ts|go|swift|ruby) (?:code|class|function|service|app|script|with)|\bin (?:java|js|go|swift|ruby|c)\b/,
        3,
      ],
      [
        /\b(?:code|coding|refactor\w*|debug\w*|compil\w+|stack ?trace|typeerror|exception|segfault|unit tests?|algorithm|async|await|promise|callback|closures?|middleware|endpoint|webhook|api key|deadlocks?|race condition|data race|mutex|lock-free|lru cache|crdt|parser|one-liner|memory leak|heap|arrow function|docstring|github action|schema|microservice|repository pattern|event store|query)\b/,
        3,
      ],
      [
        /\bprogramm|\bskript\b|\bscript\b|\bcódigo|\bкод\b|\bскрипт|бот[аеу]?(?:\s|$)|代码|爬虫|函数|程序|コード|関数|\bparser\b/,
        3,
      ],
      [
        /\b[a-z]+_[a-z]+\w*\b.*=|\b\w+\.\w+\(\)|\bimplement(?:iere|iert)?\b|\b(?:service|pipeline|operator|database|server) (?:leaks|must|that|with)\b/,
        2,
      ],
    ],
  ],
  [
    'maths',
    [
      [
        /\d\s*[+*/×÷^=]\s*\d|\d\s+-\s+\d+\s*[=*/+]|\b\d*[xy]\s*[+\-*/^=]\s*\d|[∫∑√π∞≤≥]|\b[xyn]\^\d|\bf\(x\)|\bmodulo\b|\d\/\d+\s+(?:más|plus|and|mal)/,
        4,
      ],
      [/\bprove\b|\bproof\b|\btheorem\b|\blemma\b|\bbeweis|\bdémontre|\bdemuestra|证明|證明|докаж/, 5],
      [
        /\b(?:solve|derivative|differentiat\w+|integral|integrate|eigen\w+|matri(?:x|ces)|polynomial|logarithm|fractions?|square root|equations?|probability|standard deviation|confidence interval|median|variance|series converge|arithmetic sequence|half-life|how many ways|average of|average speed|area of|volume of|perimeter|circumference)\b/,
        4,
      ],
      [
        /\bwurzel\b|\bableitung|\bextremstell|\bwahrscheinlichkeit|\bgleichung|\bprozent von|\bcuánto es|\bcalcul[ae]\b|\bberechne|\bprobabilité|\bdérivée|\bsuite arithmétique|概率|方程|矩阵|积分|вычисли|реши уравнение|уравнени|интеграл/,
        4,
      ],
      [
        /\b\d+(?:\.\d+)?\s?% of\b|\bto the power of\b|\bconvert \d|\bhow many \w+ (?:are )?in an?\b|\bper year, monthly\b|\bcompute\b|\bevaluate the\b|\bhow much interest\b/,
        4,
      ],
    ],
  ],
  [
    'reasoning',
    [
      [
        /\bstep[- ]by[- ]step\b|\breason(?:ing)?\b|\bthink (?:through|carefully)|\braisonn|\bschritt für schritt|推理|пошагово|\briddle\b|\bpuzzle\b|\blogic(?:al|ally)?\b/,
        4,
      ],
      [
        /\btrade-?offs?\b|\bpros and cons\b|\bwhat would you choose|\brecommendation\b|\bwhether to\b|\bdecision tree|\bshould (?:i|we) (?!cook|eat|wear|change|consider|watch|read)|\bweigh\b|\bdeciding\b/,
        4,
      ],
      [
        /\b(?:always lies|is lying|tells the truth|liars?|guards?|counterfeit)\b|\bnext to (?:each other|\w+ but)\b|\bwhat comes next\b|\bdoesn't belong\b|谁是|\bif all \w+ are\b|\b(?:taller|older|shorter|faster|heavier) than\b/,
        4,
      ],
      [
        /\broot cause|\bhypothes[ei]s|\bursachen?\b|\bwhat (?:could|would|might) explain|\bcould explain\b|\bexplain how that is possible|\bcausal\b|\bconfounders?\b|\bsecond-order|\bassumptions?\b|\bscenarios?\b/,
        4,
      ],
      [
        /\bevaluate (?:this|that|the) (?:argument|claim)|\banalyse the\b|\banalyze the\b|\banalysiere?\b|\banreize|\bstrategy that\b|\bargument\b|\bobjections?\b|\bpremise/,
        3,
      ],
      [/\bwhen should i (?:leave|start)|\bmost likely\b|\bcheaper to\b/, 4],
    ],
  ],
  [
    'writing',
    [
      [/\b(?:write|draft|compose|rewrite|rephrase|paraphrase|proofread|ghostwrite)\b/, 2],
      [
        /\b(?:poem|haiku|sonnets?|story|novel|chapter|essay|speech|keynote|dialogue|letter|e-?mail|blog|linkedin|post|tweet|slogan|tagline|headline|subject line|birthday|toast|invitation|complaint|press release|out of office|cover letter|product text|satirical|drama)\b/,
        3,
      ],
      [
        /\bname ideas\b|\bgrammar\b|\bactive voice\b|\bmake (?:this|it) sound|\bsound friendlier|\btone\b|\bfunnier\b|\bwish for\b/,
        4,
      ],
      [
        /\bschreib|\bverfass|\bformulier|\brédige|écris\b|\bescrib[ea]|\bescreva|\bscrivi|\bredacta|напиши|сочини|написать|帮我写|写一|文案|作文|書いて/,
        4,
      ],
      [/\bgedicht|\brede\b|\bsonett|\bgeschichte\b|\bpoème|\bpoema|\baccroche\b|\bcarta\b|поздравлен|стих/, 4],
    ],
  ],
  [
    'chat',
    [
      [
        /^(?:hi|hello|hey|thanks|thank you|ok|okay|yes|no|sure|great|good morning|guten (?:morgen|tag|abend)|hallo|danke|hola|gracias|bonjour|merci|ciao|привет|спасибо|你好|谢谢|こんにちは)\b/,
        5,
      ],
      [
        /^(?:what|who|when|where|why|how|which|is|are|do|does|can|could|tell me|explain|was ist|wer|wie|warum|erkläre?|qu'est-ce|quel(?:le)?|pourquoi|peux-tu|¿?(?:cuál|qué|quién|cómo|dónde)|что|как|кто|какая|какой|почему|什么|请介绍|日本で)/,
        1.5,
      ],
      [
        /\bexplain\b|\bdifferences? between\b|\bunterschied zwischen|\bsuggest\b|\bitinerary\b|\brecipe\b|\bhow (?:could|can|do) i\b|\bwhat happened\b/,
        1.5,
      ],
    ],
  ],
];

/** What makes a request hard: judged on the whole of what is looked at. */
export const DIFFICULTY_CUES: readonly Cue[] = [
  [
    /\bprove\b|\bproof|\bbeweis|\bdémontr|证明|докаж|\brigorous|\bjustif|\bderive\b|\bargue why|\bcounterexample|\btheorem/,
    4,
  ],
  [
    /\block-free|\bconcurren|\boptimistic|\bdeadlock|\bdata race|\bmemory (?:order|leak)|\bleaks?\b|\bfailover|\broll ?back|\bconverge|\bincremental|\binkrementell|\bback-?pressure|\bmulti-tenant|\bmigrat|\bdistributed/,
    3,
  ],
  [/\bdesign (?:the|a|an)\b|\bentwirf\b|\barchitect|\bfailure modes|\bfor all (?:x|n)\b|\binfinit|\bfourier/, 3],
  [
    /\bsynthesi[sz]|\bsynthese\b|\bcontradict|\bwidersprüch|\breconcile|\bconfounder|\bassumptions?\b|\bhypothes|\bscenarios?\b|\bevidence\b|\bin depth\b|\bsecond-order|\bcausal/,
    2,
  ],
  [
    /\banaly[sz]e\b|\banalysier|\bevaluate\b|\bcritique|\binterpretations?\b|\btrade-?offs? of\b|\bimplications?|\bobjections?\b|\bstrongest\b|\bat least (?:two|three)\b|\bannotate/,
    2,
  ],
  [
    /\blegal\b|\blaw\b|\bclause\b|\btax\b|\btreaty\b|§|\bregulat|\bclinical|\bdiagnos|\bicd-10|\bpatient\b|\bmonograph|\bcourt\b/,
    2,
  ],
  [
    /\biambic|\bsonnet|\bsonett|\brhyme scheme|\bunreliable|\bsatirical|\bdialect|\bepisode|\bknowledge graph|\bresolve\b/,
    2,
  ],
  [
    /\bexplain\b|\berklär|\bcompare\b|\bdifferences? between|\bunterschied|\bstep[- ]by[- ]step|\bwalk me through|\bwhy\b|\bwarum\b|\bpourquoi|\bshow (?:your|the)|\bhow does\b|推理|过程|请介绍/,
    1.5,
  ],
  [
    /\bimplement|\brefactor|\btests?\b|\breview\b|\bscript\b|\bfunction that\b|\bindex(?:es)?\b|\brequest|\bmiddleware|\bendpoint|\bclass\b|\berror handling/,
    1,
  ],
  [
    /\bkeep\b|\bwithout\b|\bmust\b|\bshould\b|\bat most\b|\beach\b|\bthen\b|\bdon't\b|\btone\b|\bton\b|\bformal|\bjson\b|\bcsv\b|\btable\b|保留|\bkein\b|\bohne\b|\bsans\b|\bsin\b|\bmentioning\b/,
    1,
  ],
  [
    /\bprobability|\bderivative|\bintegra|\beigen|\bconfidence interval|\bhow many ways|\bsystem:|\bloan\b|\bhalf-life|概率|\bextremstell|\bsuite arithm|\bmonthly/,
    2.5,
  ],
  [
    /\bletter\b|\bstory\b|\bspeech\b|\bessay\b|\bplan\b|\bitinerary|\bdraft\b|\boutline|\bdialogue|\brede\b|\bpoema\b|\bcommuniqué|поздравлен|\bpros and cons/,
    2,
  ],
  [
    /\bone[- ]liner|\bone sentence|\btwo sentences|\bshort\b|\bquick|\bsimple\b|\bsimplify\b|\bkurz|\bcorto|\bune phrase|一句话|\btweet\b|\btl;?dr|\bfive words/,
    -3,
  ],
  [/^(?:what(?:'s| is) (?:the|a|an|\d)|who (?:is|was|wrote|won)|when (?:do|does|is|was)|hi\b|thanks|ok\b|yes\b)/, -2],
];
