/** Which models there are: here, on the hub, among the person's files; what they take; and the one in use. */
import { useEffect, useRef, useState } from 'react';
import { Modal } from '../../fields/Modal.tsx';
import { m } from '../../messages/index.ts';
import { type Chosen, filesOfDrop } from '../../session/chosen.ts';
import { lookUp, refresh } from '../../session/library.ts';
import { closeModels, useModelsDialog } from '../../session/models-dialog.ts';
import { ShelfLine } from '../offline/ShelfLine.tsx';
import { FetchPanel } from './FetchPanel.tsx';
import { FromDisk } from './FromDisk.tsx';
import { FromHub } from './FromHub.tsx';
import { Here } from './Here.tsx';
import { PackPart } from './PackPart.tsx';
import { Precision } from './Precision.tsx';
import { StorageLine } from './StorageLine.tsx';
import { Trouble } from './Trouble.tsx';
import './models.css';

export function ModelsDialog() {
  const { open, about, revision } = useModelsDialog();
  return (
    <Modal open={open} title={m.models.title} className="models-dialog" onClose={closeModels}>
      <Content about={about} revision={revision} />
    </Modal>
  );
}

function Content({ about, revision }: { about: string | undefined; revision: string | undefined }) {
  const [chosen, setChosen] = useState<Chosen | undefined>();
  const [over, setOver] = useState(false);
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    void refresh();
  }, []);
  useEffect(() => {
    if (about?.includes('/')) void lookUp(about, revision);
  }, [about, revision]);

  useEffect(() => {
    const element = place.current;
    const handle = (event: DragEvent) => {
      event.preventDefault();
      setOver(event.type === 'dragover');
      if (event.type === 'drop' && event.dataTransfer) void filesOfDrop(event.dataTransfer).then(setChosen);
    };
    const kinds = ['dragover', 'dragleave', 'drop'] as const;
    for (const kind of kinds) element?.addEventListener(kind, handle);
    return () => {
      for (const kind of kinds) element?.removeEventListener(kind, handle);
    };
  }, []);

  return (
    <div ref={place} className={over ? 'models dropping' : 'models'}>
      <p className="note">{m.models.intro}</p>
      <FetchPanel />
      <Trouble />
      <Here />
      <FromHub asked={about} />
      <FromDisk chosen={chosen} onChoose={setChosen} />
      <Precision />
      <PackPart />
      <StorageLine />
      <ShelfLine />
    </div>
  );
}
