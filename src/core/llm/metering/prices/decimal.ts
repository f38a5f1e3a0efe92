/** Decimals of a dollar that are kept: more than any price list has, so that nothing is rounded before the end. */
const DECIMALS = 24;
const PER_NANO = 10n ** BigInt(DECIMALS - 9);
const LONGEST = 64;

/** An exact amount of money in units of 10^-24 US dollars. */
export type Money = bigint;

/**
 * A decimal as people and JSON write it (`2.5`, `1.25e-7`) → its value times 10^-`shift` dollars, exactly; `undefined`
 * when it is negative, not a decimal, or finer than 10^-24 dollars.
 */
export function parseMoney(text: string, shift = 0): Money | undefined {
  if (text.length > LONGEST) return undefined;
  const match = /^(\d+)(?:\.(\d*))?(?:e([+-]?\d{1,3}))?$/i.exec(text);
  const [, whole = '', fraction = '', exponent = '0'] = match ?? [];
  if (match === null) return undefined;
  const places = DECIMALS - shift + Number(exponent) - fraction.length;
  const digits = BigInt(whole + fraction);
  if (places >= 0) return places > 2 * LONGEST ? undefined : digits * 10n ** BigInt(places);
  const divisor = 10n ** BigInt(-places);
  return digits % divisor === 0n ? digits / divisor : undefined;
}

/** A decimal times 10^`shift`, as plain text without exponent or needless zeros; `undefined` when it is not a decimal. */
export function shiftDecimal(text: string, shift: number): string | undefined {
  const money = parseMoney(text, -shift);
  if (money === undefined) return undefined;
  const digits = money.toString().padStart(DECIMALS + 1, '0');
  const fraction = digits.slice(-DECIMALS).replace(/0+$/, '');
  return digits.slice(0, -DECIMALS) + (fraction === '' ? '' : `.${fraction}`);
}

/** Whole nano-dollars, rounded up; capped where numbers stop being exact. */
export function nanoDollars(money: Money): number {
  const nanos = (money + PER_NANO - 1n) / PER_NANO;
  return nanos > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(nanos);
}
