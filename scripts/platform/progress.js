/**
 * Tells whoever waits what is happening, for how long, and what is next. On a terminal the seconds count on one line;
 * in a log each step has a line when it begins and one when it ends, and a sign of life every 15 s.
 */

/**
 * @typedef {object} Step
 * @property {string} title what is done, as a person would say it
 * @property {(say: (detail: string) => void) => Promise<unknown> | unknown} run may say how far it is
 */

/**
 * Runs steps one after another.
 * @param {Step[]} steps
 * @param {NodeJS.WriteStream} [out]
 * @returns {Promise<void>} rejects with the first failing step's error
 */
export async function runSteps(steps, out = process.stdout) {
  const begun = Date.now();
  for (const [index, step] of steps.entries()) {
    const next = steps[index + 1]?.title;
    const line = `[${index + 1}/${steps.length}] ${step.title}`;
    await timed(line, next === undefined ? "" : `  (next: ${next})`, step.run, out);
  }
  out.write(`done in ${seconds(begun)} s\n`);
}

/**
 * @param {string} line
 * @param {string} hint
 * @param {Step["run"]} run
 * @param {NodeJS.WriteStream} out
 */
async function timed(line, hint, run, out) {
  const begun = Date.now();
  const live = out.isTTY === true;
  let detail = "";
  const show = () => {
    const text = `${line} … ${seconds(begun)} s${detail === "" ? hint : `: ${detail}`}`;
    // One line of a terminal and no more: what wraps cannot be written over.
    out.write(live ? `\r\x1b[2K${text.slice(0, (out.columns ?? 80) - 1)}` : `${text}\n`);
  };
  out.write(live ? `${line} …${hint}` : `${line} …${hint}\n`);
  const ticker = setInterval(show, live ? 1000 : 15_000);
  try {
    await run((text) => {
      detail = text.trim();
    });
    out.write(`${live ? "\r\x1b[2K" : ""}${line}: ${seconds(begun)} s\n`);
  } catch (error) {
    out.write(`${live ? "\r\x1b[2K" : ""}${line}: failed after ${seconds(begun)} s\n`);
    throw error;
  } finally {
    clearInterval(ticker);
  }
}

/** @param {number} begun */
function seconds(begun) {
  return ((Date.now() - begun) / 1000).toFixed(1);
}
