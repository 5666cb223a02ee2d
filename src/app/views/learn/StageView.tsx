/** The stage beside the prose: the live canvas or what stands in its place, its controls, and the figure of the beat. */

import type { ReactNode } from 'react';
import { defaultsOf } from '../../../diffusion/chat-defaults.ts';
import { formatLink } from '../../../diffusion/link.ts';
import { EDITOR, SMALL } from '../../../diffusion/shipped.ts';
import { EditLog } from '../../figures/EditLog.tsx';
import { say } from '../../messages/format.ts';
import { learn } from '../../messages/learnWords.ts';
import { toldError } from '../../messages/told.ts';
import { isShipped, loadModel, useCompute } from '../../session/compute.ts';
import { use } from '../../session/library.ts';
import { Figure, TELLING } from './Figures.tsx';
import { LearnCanvas } from './LearnCanvas.tsx';
import { RaceStage } from './RaceStage.tsx';
import { SlotLine } from './SlotLine.tsx';
import type { Beat, Scene } from './script.ts';
import { openScene, seek, select, useStage } from './stage.ts';
import { TrainingStage } from './TrainingStage.tsx';
import { Transport } from './Transport.tsx';

interface Props {
  readonly beat: Beat;
  /** The question of the beat has not been answered yet. */
  readonly pending: boolean;
  readonly onPress: ((slot: number) => void) | undefined;
  /** Under the figure. */
  readonly foot: ReactNode;
  /** Between the canvas and the figure. */
  readonly children: ReactNode;
}

export function StageView({ beat, pending, onPress, foot, children }: Props) {
  const racing = useStage(({ lanes }) => lanes.some(({ writer }) => writer === 'append'));
  const empty = useStage(({ trace }) => trace === undefined);
  const model = useCompute((state) => state.model);
  const status = useStage((state) => state.status);
  const { figure, ranks = false, scene } = beat;
  return (
    <aside className="learn-stage" aria-label={learn.view.stage}>
      <div className="learn-sheet" data-target="canvas" aria-busy={status !== 'idle'}>
        {scene.training ? (
          <TrainingStage />
        ) : racing ? (
          <RaceStage />
        ) : (
          <>
            {empty && <Waiting scene={scene} />}
            <LearnCanvas ranks={ranks} onPress={onPress} />
          </>
        )}
      </div>
      {!scene.training && !racing && (
        <>
          <Transport />
          <SlotLine />
        </>
      )}
      {beat.hides && <p className="note">{learn.view.hideHelp}</p>}
      {scene.recorded && <RecordedNote />}
      <Trouble beat={beat} />
      {children}
      {figure && !(pending && TELLING.includes(figure)) && <Figure name={figure} />}
      {foot}
      {model && !isShipped(model.id) && !scene.recorded && (
        <p className="learn-line note">
          {say(model.causal ? learn.view.leftModel : learn.view.otherModel, { model: model.id, shipped: SMALL })}
          <button type="button" className="outline" onClick={() => use(SMALL)}>
            {say(learn.view.useShipped, { shipped: SMALL })}
          </button>
        </p>
      )}
    </aside>
  );
}

/** What is said until the model is here, with the room of what will stand there: the prose beside it stays where it is. */
function Waiting({ scene: { text, length = 0 } }: { readonly scene: Scene }) {
  return (
    <div className="learn-waiting">
      <p className="note">{learn.view.waiting}</p>
      <p className="canvas prose" aria-hidden="true">
        {`${text}${'[MASK]'.repeat(length)}`.replaceAll('[MASK]', ' word')}
      </p>
    </div>
  );
}

/** That the run was recorded, by which model; and the log of its edits so far. */
function RecordedNote() {
  const trace = useStage((state) => state.trace);
  const playhead = useStage((state) => state.playhead);
  if (!trace) return null;
  const own = { ...defaultsOf('edit'), model: EDITOR, prompt: trace.settings.prompt };
  return (
    <>
      <EditLog
        trace={trace}
        playhead={playhead}
        onPick={({ step, slot }) => {
          seek(step + 1);
          select(slot);
        }}
      />
      <p className="note">{say(learn.view.recorded, { model: trace.model.id })}</p>
      <p className="learn-line">
        <a className="outline" href={`#/generate?${formatLink(own)}`}>
          {learn.view.editYours}
        </a>
      </p>
    </>
  );
}

function Trouble({ beat }: { readonly beat: Beat }) {
  // A recorded run needs no model.
  const failed = useCompute((state) => (state.status === 'failed' && !beat.scene.recorded ? state.error : undefined));
  const own = useStage((state) => state.error);
  const error = failed ?? own;
  if (!error) return null;
  // What a question asks for is asked again by the question itself once the model is here.
  const reopen = () => (beat.question?.options === 'words' ? undefined : openScene(beat.scene, beat.writes === true));
  const retry = () => void loadModel().then(reopen, () => undefined);
  return (
    <p className="learn-line error" role="alert">
      <span>{toldError(error)}</span>
      <button type="button" className="outline" onClick={retry}>
        {learn.view.retry}
      </button>
    </p>
  );
}
