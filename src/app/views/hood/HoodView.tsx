/** Under the hood: the device, whether it computes rightly, where the time goes, and the kernels themselves. */
import { useEffect } from 'react';
import './hood.css';
import { m } from '../../messages/index.ts';
import { listenForKeys } from '../../shell/keys.ts';
import { CopyLink } from '../../shell/links/CopyLink.tsx';
import { hoodQuery } from './address.ts';
import { Device } from './Device.tsx';
import { Kernels } from './Kernels.tsx';
import { SelfTest } from './SelfTest.tsx';
import { inspect, stop } from './store.ts';
import { Times } from './Times.tsx';

export function HoodView() {
  useEffect(() => {
    const timer = setTimeout(() => void inspect(), 100);
    const deaf = listenForKeys([{ key: 'Escape', run: stop }], () => true);
    return () => {
      clearTimeout(timer);
      deaf();
      stop(); // what nobody looks at only burns power
    };
  }, []);

  return (
    <main className="hood">
      <div className="title-line">
        <h1>{m.hood.title}</h1>
        <CopyLink view="hood" query={hoodQuery} />
      </div>
      <p className="lead">{m.hood.lead}</p>
      <Device />
      <SelfTest />
      <Times />
      <Kernels />
    </main>
  );
}
