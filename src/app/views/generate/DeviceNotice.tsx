/** One quiet sentence when the model does not run on a graphics card, and one when its files have something special. */
import { sentences } from '../../messages/format.ts';
import { told } from '../../messages/told.ts';
import { useCompute } from '../../session/compute.ts';

export function DeviceNotice() {
  const notice = useCompute((state) => state.model?.device.notice);
  const note = useCompute((state) => state.model?.note);
  if (!notice && !note) return null;
  return (
    <p className="device-notice" role="status">
      {sentences(notice && told(notice), note && told(note))}
    </p>
  );
}
