/** A list that comes in pages, newest first: each says where the next one begins. */
import { Button } from "@mantine/core";
import useSWRInfinite from "swr/infinite";
import { Failure, Loading } from "./states";

export interface Page {
  after: string | null;
}

/** As far as it was asked for; `instead` stands in its place until the first page is there, or if one failed. */
export function usePages<Answer extends Page>(path: (after: string | undefined) => string, what: string) {
  const { data, error, size, setSize, mutate, isValidating } = useSWRInfinite<Answer>((page: number, before: Answer | null) => {
    if (page > 0 && !before?.after) return null;
    return path(before?.after ?? undefined);
  });
  return {
    pages: error ? undefined : data,
    instead: error ? <Failure error={error} again={() => void mutate()} /> : <Loading what={what} />,
    loading: isValidating,
    more: data?.[data.length - 1]?.after ? () => void setSize(size + 1) : undefined,
  };
}

/** The way to the next page, where there is one. */
export function More({ list: { loading, more } }: { list: { loading: boolean; more?: () => void } }) {
  if (!more) return null;
  return (
    <div>
      <Button variant="default" loading={loading} onClick={more}>
        Show older ones
      </Button>
    </div>
  );
}
