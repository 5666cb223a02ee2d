/** Each kernel's WGSL beside its plain reference: the files themselves. The address names the kernel, so that it can be sent. */
import { useEffect, useState } from 'react';
import { Segments } from '../../fields/Segments.tsx';
import { sentences } from '../../messages/format.ts';
import { m } from '../../messages/index.ts';
import { told } from '../../messages/told.ts';
import { parseRoute } from '../../session/route.ts';
import { formatHood, KERNEL_NAMES, parseHood } from './address.ts';
import { KERNELS, type KernelFiles, type KernelName } from './kernels.ts';
import { Part } from './Part.tsx';
import { Source } from './Source.tsx';
import { ideaOf, reference, referenceFunctions, shader } from './sources.ts';

const EXTENTS = ['reference', 'file'] as const;

const linked = () => parseHood(parseRoute(location.hash).query);

export function Kernels() {
  const [{ kernel: name, problems }, show] = useState(linked);
  useEffect(() => {
    const follow = () => show(linked());
    window.addEventListener('hashchange', follow);
    return () => window.removeEventListener('hashchange', follow);
  }, []);
  const choose = (next: KernelName) => {
    show({ kernel: next, problems: [] });
    history.replaceState(history.state, '', `${location.search}#/hood?${formatHood(next)}`);
  };
  const files = KERNELS.find((kernel) => kernel.name === name) as KernelFiles;
  return (
    <Part title={m.hood.kernels.title}>
      <p className="hood-text">{m.hood.kernels.lead}</p>
      {problems.length > 0 && (
        <p className="note warn" role="status">
          {sentences(m.controls.linkProblems, ...problems.map(told))}
        </p>
      )}
      <Segments
        label={m.hood.kernels.choose}
        options={KERNEL_NAMES}
        words={m.hood.kernels.names}
        value={name}
        onChoose={choose}
      />
      <Pair key={name} files={files} />
    </Part>
  );
}

function Pair({ files: { name, shaders, reference: path } }: { files: KernelFiles }) {
  const [shown, show] = useState<string>(shaders[0]);
  const [extent, extend] = useState<(typeof EXTENTS)[number]>('reference');
  const wgsl = shader(shown);
  const plain = reference(path);
  const short = referenceFunctions(plain.text);
  const labels = Object.fromEntries(shaders.map((file) => [file, file]));
  return (
    <>
      <p className="hood-idea" lang="en">
        {ideaOf(shader(shaders[0]).text)}
      </p>
      <div className="hood-pair">
        <Source file={wgsl} text={wgsl.text} language="wgsl">
          {shaders.length > 1 && (
            <Segments
              label={m.hood.kernels.files(m.hood.kernels.names[name])}
              options={shaders}
              words={labels}
              value={shown}
              small
              onChoose={show}
            />
          )}
        </Source>
        <Source file={plain} text={extent === 'reference' ? short : plain.text} language="ts">
          {short !== plain.text && (
            <Segments
              label={m.hood.kernels.extent}
              options={EXTENTS}
              words={m.hood.kernels.extents}
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
