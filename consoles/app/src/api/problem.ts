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

export function problemOf(body: unknown, status: number): Problem {
  if (typeof body === "object" && body !== null && "code" in body) return body as Problem;
  return { status, code: "unreadable_answer", title: "", detail: `HTTP ${String(status)}` };
}
