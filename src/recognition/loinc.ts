/** LOINC, the code system of the catalogue's items. */
export const loincSystem = "http://loinc.org";

/** Whether a text is a LOINC code: up to six digits, a hyphen and the check digit (Luhn over the digits before it). */
export function isLoinc(code: string): boolean {
  const [, digits = "", check] = /^(\d{1,6})-(\d)$/.exec(code) ?? [];
  const sum = [...digits].reverse().reduce((total, digit, index) => {
    const doubled = index % 2 === 0 ? Number(digit) * 2 : Number(digit);
    return total + (doubled > 9 ? doubled - 9 : doubled);
  }, 0);
  return digits !== "" && (10 - (sum % 10)) % 10 === Number(check);
}
