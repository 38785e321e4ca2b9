// Refusals of the API (application/problem+json). `code` is stable and translated; `detail` is the server's own sentence.

export interface Problem {
  status: number;
  code: string;
  title: string;
  detail: string;
  request_id?: string;
  errors?: { field: string; message: string }[];
  [extra: string]: unknown;
}

export class Refusal extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.detail);
    this.name = "Refusal";
    this.problem = problem;
  }

  get code(): string {
    return this.problem.code;
  }
}

const DEFINITE = new Set(["quotes_unavailable", "stats_unavailable", "venue_unavailable", "master_key_missing", "ledger_restored"]);

/** Whether a change that ended like this may have been done all the same: no answer, or a fault of the server's after it began. */
export function isUnknown(error: unknown): boolean {
  if (!(error instanceof Refusal)) return true;
  const { status, code } = error.problem;
  return (status === 0 || status >= 500 || code === "unreadable_answer") && !DEFINITE.has(code);
}

export function problemOf(body: unknown, status: number): Problem {
  if (typeof body === "object" && body !== null && "code" in body) return body as Problem;
  return { status, code: "unreadable_answer", title: "", detail: `HTTP ${String(status)}` };
}
