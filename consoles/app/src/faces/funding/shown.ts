import { useNetworks } from "./reads";

/** Whether money comes in and goes out by chains here at all; not before it is known. */
export const useFundingShown = (): boolean => (useNetworks().data?.length ?? 0) > 0;
