// One typed client for the whole application. Its types come from our own OpenAPI document, so a renamed field breaks the build.

import createClient, { type Middleware } from "openapi-fetch";
import type { components, paths } from "./schema";
import { Refusal, problemOf } from "./problem";

export type Schemas = components["schemas"];

let csrfToken: string | null = null;
let onSessionEnd: () => void = () => undefined;
let onSessionChange: () => void = () => undefined;

/** The token that proves to the server that our own page asks; it comes with the login and with `GET /v1/me`. */
export function keepCsrfToken(token: string | null): void {
  csrfToken = token;
}

/** Called when the server says that nobody is logged in any more. */
export function whenSessionEnds(listener: () => void): void {
  onSessionEnd = listener;
}

/** Called when this page's token is not the session's any more: somebody logged in again, perhaps another person, in another tab. */
export function whenSessionChanges(listener: () => void): void {
  onSessionChange = listener;
}

const guard: Middleware = {
  onRequest({ request }) {
    if (csrfToken !== null && request.method !== "GET") request.headers.set("Rivermouth-CSRF", csrfToken);
    return request;
  },
  async onResponse({ request, response }) {
    if (response.status !== 401 || request.url.endsWith("/v1/me")) return response;
    const { code } = problemOf(await response.clone().json().catch(() => null), 401);
    if (code === "unauthorized") onSessionEnd(); // a wrong code or password is a 401 too, and ends nothing
    return response;
  },
};

export const api = createClient<paths>({ baseUrl: "", credentials: "same-origin" });
api.use(guard);

/** A key that makes repeating a POST safe: the same key never does a thing twice. */
export function idempotencyKey(): string {
  return crypto.randomUUID();
}

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/**
 * The body of a good answer.
 * @throws Refusal with the server's code, or with `no_answer` when none came: what became of a change is then unknown.
 */
export async function ask<T>(answer: Promise<Answer<T>>): Promise<T> {
  let got: Answer<T>;
  try {
    got = await answer;
  } catch (cause) {
    throw new Refusal({ status: 0, code: "no_answer", title: "", detail: String(cause) });
  }
  if (!got.response.ok) {
    const problem = problemOf(got.error, got.response.status);
    if (problem.code === "csrf_token_missing") onSessionChange();
    throw new Refusal(problem);
  }
  return got.data as T;
}
