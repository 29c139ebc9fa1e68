/** Tells a story step by step: what is done, what came back, how long it took; the first step that is not as told ends it. */
export interface Teller {
  /** Runs a step; its text is printed beneath the title. Throws when the step fails. */
  step<T>(title: string, run: () => Promise<{ readonly said: readonly string[]; readonly result: T }>): Promise<T>;
}

/** Throws unless it holds; `otherwise` says what was found, without a person's data. */
export function must(holds: boolean, otherwise: string): asserts holds {
  if (!holds) throw new Error(otherwise);
}

/** A teller on standard output. */
export function createTeller(): Teller {
  let count = 0;
  return {
    async step(title, run) {
      count += 1;
      const began = performance.now();
      console.log(`${String(count).padStart(2)}. ${title}`);
      const { said, result } = await run();
      for (const line of said) console.log(`      ${line}`);
      console.log(`      ✓ ${(performance.now() - began).toFixed(0)} ms\n`);
      return result;
    },
  };
}
