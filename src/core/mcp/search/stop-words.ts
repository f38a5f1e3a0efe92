import { stemOf } from './stem.ts';

/** Words that say nothing about what a tool does. */
export const STOP_WORDS: ReadonlySet<string> = new Set(
  `a about above after again all also am an and any are as asap at be because been before being but by can cannot could
   d did do does doing down during each either else etc ever few for from further had has have having he her here hers
   him his how however i if in into is it its itself just kindly let like ll m me might more most must my myself need
   needs no nor not now of off on once only or other our ours out over own per please possible re really s same shall
   she should so some something such t than thank thanks that the their theirs them then there these they this those
   through to too under until up upon us ve very want wants was way we were what when where whether which while who whom
   whose why will wish with within without would yes you your yours
   additionally assist assistance able anyone based curious finally first give given going gonna hello help hey hi
   interested kind know lastly looking lot many much next okay one provide provided regarding second specific sure tell
   third try trying using via wonder wondering`.split(/\s+/),
);

/** Stems with which people ask for anything at all: they may be part of a tool's name, but say little. */
export const ASKING: ReadonlySet<string> = new Set(
  `access accurate advanced answer appropriate ask available best certain check complete comprehensive current currently
   detail details detailed different easily easy effective effectively explain fast fetch find friendly full general get
   good great help helpful high important include including info information interesting latest look main multiple new
   obtain offer option overall overview particular perfect personal popular possible professional provide quality quick
   quickly recent recently recommend recommended related relevant reliable request retrieve right share show suitable
   support thing today top understand use useful using various way`
    .split(/\s+/)
    .map(stemOf),
);
