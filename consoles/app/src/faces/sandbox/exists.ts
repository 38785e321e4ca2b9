// Whether this house is a sandbox: one that trades for real answers 404.

import { useQuery } from "@tanstack/react-query";
import { Refusal } from "@/api/problem";
import { read } from "./sandbox";

export function useSandboxExists(): boolean {
  const { data } = useQuery({
    queryKey: ["sandbox", "exists"], staleTime: Infinity,
    queryFn: async () => {
      try {
        await read("prices");
        return true;
      } catch (error) {
        if (error instanceof Refusal && error.problem.status === 404) return false;
        throw error;
      }
    },
  });
  return data ?? false;
}
