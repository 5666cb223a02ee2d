/** Each kernel's WGSL beside its plain twin: the files themselves. The address names the kernel, so that it can be sent. */
import { useState } from 'react';
import { m } from '../messages/index.ts';
import { parseRoute } from '../shell/route.ts';
import { Segments } from '../shell/Segments.tsx';
import { KERNELS, type KernelFiles, type KernelName } from './kernels.ts';
import { Part } from './Part.tsx';
import { Source } from './Source.tsx';
import { ideaOf, shader, twin, twinFunctions } from './sources.ts';

const words = m.hood.kernels;
const NAMES = KERNELS.map(({ name }) => name);
const EXTENTS = ['twin', 'file'] as const;

function linked(): KernelName {
  const asked = new URLSearchParams(parseRoute(location.hash).query).get('kernel');
  return NAMES.find((name) => name === asked) ?? 'attention';
}

export function Kernels() {
  const [name, show] = useState(linked);
  const choose = (next: KernelName) => {
    show(next);
    history.replaceState(history.state, '', `#/hood?kernel=${next}`);
  };
  const files = KERNELS.find((kernel) => kernel.name === name) as KernelFiles;
  return (
    <Part title={words.title}>
      <p className="hood-text">{words.lead}</p>
      <Segments label={words.choose} options={NAMES} words={words.names} value={name} onChoose={choose} />
      <Pair key={name} files={files} />
    </Part>
  );
}

function Pair({ files: { name, shaders, twin: path } }: { files: KernelFiles }) {
  const [shown, show] = useState<string>(shaders[0]);
  const [extent, extend] = useState<(typeof EXTENTS)[number]>('twin');
  const wgsl = shader(shown);
  const plain = twin(path);
  const short = twinFunctions(plain.text);
  const labels = Object.fromEntries(shaders.map((file) => [file, file]));
  return (
    <>
      <p className="hood-idea">{ideaOf(shader(shaders[0]).text)}</p>
      <div className="hood-pair">
        <Source file={wgsl} text={wgsl.text} language="wgsl">
          {shaders.length > 1 && (
            <Segments
              label={words.files(words.names[name])}
              options={shaders}
              words={labels}
              value={shown}
              small
              onChoose={show}
            />
          )}
        </Source>
        <Source file={plain} text={extent === 'twin' ? short : plain.text} language="ts">
          {short !== plain.text && (
            <Segments
              label={words.extent}
              options={EXTENTS}
              words={words.extents}
              value={extent}
              small
              onChoose={extend}
            />
          )}
        </Source>
      </div>
    </>
  );
}
