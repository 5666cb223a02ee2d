/** One quiet sentence when the model does not run on a graphics card. */
import { told } from '../../messages/told.ts';
import { useCompute } from '../../session/compute.ts';

export function DeviceNotice() {
  const notice = useCompute((state) => state.model?.device.notice);
  return notice ? (
    <p className="device-notice" role="status">
      {told(notice)}
    </p>
  ) : null;
}
