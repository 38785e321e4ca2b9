// What a deed became: done, or a question to a second person. Where a house lets one person do it, the same route answers with the thing itself.

/** The approval that an answer names; null where the deed is done. */
export function approvalOf(answer: unknown): string | null {
  if (typeof answer !== "object" || answer === null || !("approval_id" in answer)) return null;
  return typeof answer.approval_id === "string" ? answer.approval_id : null;
}
