import { useState } from "react";

interface Deed {
  busy: boolean;
  error: unknown;
  done: boolean;
  /** Does it; true when it was done. A refusal is kept until the next try. */
  act: (deed: () => Promise<unknown>) => Promise<boolean>;
}

export function useDeed(): Deed {
  const [state, setState] = useState<{ busy: boolean; error: unknown; done: boolean }>({ busy: false, error: null, done: false });
  const act = async (deed: () => Promise<unknown>): Promise<boolean> => {
    setState({ busy: true, error: null, done: false });
    try {
      await deed();
      setState({ busy: false, error: null, done: true });
      return true;
    } catch (error) {
      setState({ busy: false, error, done: false });
      return false;
    }
  };
  return { ...state, act };
}
