/** An adapter's folder out of a zip, as the page saves it or somebody packed it. */
import { UnmaskError } from '../../diffusion/error.ts';
import { said } from '../../text/said.ts';

/** What tells PEFT's folder from a model's. */
export const ADAPTER_CONFIG_FILE = 'adapter_config.json';

/** The files beside the `adapter_config.json` that lies least deep. Throws `UnmaskError` code `checkpoint`. */
export async function unzipped(zip: File): Promise<File[]> {
  const { unzipSync } = await import('fflate');
  try {
    const bytes = new Uint8Array(await zip.arrayBuffer());
    const names: string[] = [];
    unzipSync(bytes, { filter: ({ name }) => names.push(name) < 0 });
    const [config] = names
      .filter((name) => name.split('/').at(-1) === ADAPTER_CONFIG_FILE)
      .sort((a, b) => a.split('/').length - b.split('/').length);
    const folder = config?.slice(0, -ADAPTER_CONFIG_FILE.length) ?? '';
    const beside = (name: string) => name.startsWith(folder) && !name.slice(folder.length).includes('/');
    const files = unzipSync(bytes, { filter: ({ name }) => beside(name) });
    return Object.entries(files).map(([name, content]) => {
      return new File([content as Uint8Array<ArrayBuffer>], name.slice(folder.length));
    });
  } catch (cause) {
    const message = said`${zip.name} is not a zip that can be read.`;
    const remedy = 'Check that the address or folder holds adapter_config.json and adapter_model.safetensors.';
    throw new UnmaskError({ code: 'checkpoint', message, remedy, file: zip.name }, { cause });
  }
}
