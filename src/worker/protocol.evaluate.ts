/** The part of the protocol that speaks of evaluations, and of how preferences scatter. */
import type { FetchProgress } from '../checkpoint/hub/download.ts';
import type { Item } from '../evaluation/record.ts';
import type { EvaluationSettings } from '../evaluation/settings.ts';
import type { Row, TaskName } from '../evaluation/tasks.ts';

/** Where the rows of a task come from. */
export type TaskData =
  | { readonly kind: 'rows'; readonly rows: readonly (Row | null)[] }
  | { readonly kind: 'file'; readonly file: File }
  /** Served with the page: an object with the rows of each task, or a file of texts. */
  | { readonly kind: 'url'; readonly url: string }
  | { readonly kind: 'hub'; readonly endpoint: string };

export interface EvaluateRequest {
  readonly settings: EvaluationSettings;
  readonly tasks: readonly {
    readonly task: TaskName;
    readonly data: TaskData;
    /** Numbers of the rows that have been asked. */
    readonly done: readonly number[];
  }[];
}

export interface PlannedTask {
  readonly task: TaskName;
  readonly planned: number;
  readonly total: number;
  /** The rows it takes, for when it goes on without their file; null in place of others. */
  readonly rows: readonly (Row | null)[];
  /** What they are called in a record. */
  readonly from: string;
}

export interface EvaluationJobs {
  /** Asks the main model the items that are open; where texts are judged, by the judge. */
  evaluate: {
    readonly request: EvaluateRequest;
    readonly event:
      | { readonly kind: 'fetching'; readonly progress: FetchProgress }
      | { readonly kind: 'planned'; readonly tasks: readonly PlannedTask[] }
      | { readonly kind: 'item'; readonly task: TaskName; readonly item: Item };
  };
  /**
   * Σ −log p over the masked tokens of an answer for every set of masks, by the set's bits from 1: of a policy and of its
   * reference. Those are the main model and the same with a share `doubt` of its certainty spread over all words; or a run
   * that learnt from the main model, and the main model.
   */
  maskSets: {
    readonly request: {
      readonly prompt: string;
      readonly answer: string;
      readonly against: { readonly doubt: number } | { readonly run: string };
    };
    readonly event: {
      readonly kind: 'sets';
      readonly pieces: readonly string[];
      readonly policy: readonly number[];
      readonly reference: readonly number[];
    };
  };
}
