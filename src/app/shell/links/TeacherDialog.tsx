/** "For a class": what a teacher's link hides, locks, says and begins with; the link itself, and its QR code. */

import { useEffect, useId, useState } from 'react';
import { MOST_LINK, readPairs } from '../../../diffusion/link-text.ts';
import { SETTING_NAMES, SETTINGS, type SettingName } from '../../../diffusion/settings.ts';
import { CopyButton } from '../../fields/CopyButton.tsx';
import { useFitting } from '../../fields/fitting.tsx';
import { Icon } from '../../fields/Icon.tsx';
import { Modal } from '../../fields/Modal.tsx';
import { Segments } from '../../fields/Segments.tsx';
import { m } from '../../messages/index.ts';
import { LANGUAGES, type Language } from '../../messages/languages.ts';
import { embedCode, reachesOnlyHere } from '../../session/embed.ts';
import { momentLink, settingsQuery } from '../../session/generateLink.ts';
import { at, lanAddresses } from '../../session/lan.ts';
import { GROUPS, type Group, LONGEST_TEXT, type Wishes } from '../../session/lessonLink.ts';
import { addressOf, withWishes } from '../../session/linkAddress.ts';
import { closeTeacher, type Page, useTeacher } from '../../session/teacher.ts';
import './links.css';
import { QrCode } from './QrCode.tsx';
import { ScormPart } from './ScormPart.tsx';
import { Totals } from './Totals.tsx';

const RULES = ['free', 'locked', 'hidden'] as const;
type Rule = (typeof RULES)[number];

interface Form {
  readonly start: string;
  readonly language: Language | '';
  readonly text: string;
  readonly rules: Partial<Record<Group, Rule>>;
  /** Settings that stay free in a group that is not. */
  readonly free: readonly SettingName[];
  readonly plays: boolean;
  readonly asks: boolean;
  readonly moment: boolean;
}

/** What was chosen last, for the next time the dialog opens on this page. */
let last: Omit<Form, 'start'> = {
  language: '',
  text: '',
  rules: {},
  free: [],
  plays: false,
  asks: false,
  moment: false,
};

/** Where a link can lead, as `[view or view?query, name]`. */
type Starts = readonly (readonly [start: string, name: string])[];

export function TeacherDialog({ starts }: { starts: Starts }) {
  return (
    <Modal open title={m.classroom.teacher.title} className="teacher-dialog" onClose={closeTeacher}>
      <Content starts={starts} />
    </Modal>
  );
}

function Content({ starts }: { starts: Starts }) {
  const page = useTeacher((state) => state.page);
  const [form, setForm] = useState<Form>({ ...last, start: startOf(page, starts) });
  const change = (part: Partial<Form>) => {
    const next = { ...form, ...part };
    setForm(next);
    const { start: _, ...kept } = next;
    last = kept;
  };
  const moment = momentLink();
  const generates = form.start === 'generate';
  const address = addressOf(viewOf(form.start), withWishes(queryOf(form, page, starts), wishesOf(form)));
  return (
    <div className="teacher">
      <div className="teacher-form">
        <p className="note">{m.classroom.teacher.intro}</p>
        <Places form={form} starts={starts} change={change} />
        <LessonText value={form.text} onChange={(text) => change({ text })} />
        <fieldset className="teacher-controls">
          <legend>{m.classroom.teacher.controls}</legend>
          {GROUPS.map((group) => (
            <GroupRow
              key={group}
              group={group}
              value={form.rules[group] ?? 'free'}
              onChange={(rule) => change({ rules: { ...form.rules, [group]: rule } })}
              free={form.free}
              onFree={(free) => change({ free })}
            />
          ))}
        </fieldset>
        <Check
          label={m.classroom.teacher.asks[0]}
          help={m.classroom.teacher.asks[1]}
          checked={form.asks}
          onChange={(asks) => change({ asks })}
        />
        {generates && (
          <>
            {'step' in moment && (
              <Check
                label={m.classroom.teacher.moment[0]}
                help={m.classroom.teacher.momentHelp(moment.step)}
                checked={form.moment}
                onChange={(on) => change({ moment: on })}
              />
            )}
            {!(form.moment && 'step' in moment) && (
              <Check
                label={m.classroom.teacher.plays[0]}
                help={m.classroom.teacher.plays[1]}
                checked={form.plays}
                onChange={(plays) => change({ plays })}
              />
            )}
          </>
        )}
      </div>
      <LinkPart
        address={address}
        title={starts.find(([start]) => start === form.start)?.[1] ?? m.name}
        language={form.language}
      />
    </div>
  );
}

type Part = { readonly form: Form; readonly starts: Starts; readonly change: (part: Partial<Form>) => void };

function Places({ form, starts, change }: Part) {
  const id = useId();
  return (
    <div className="teacher-places">
      <label htmlFor={`${id}-start`}>{m.classroom.teacher.start}</label>
      <select id={`${id}-start`} value={form.start} onChange={(event) => change({ start: event.target.value })}>
        {starts.map(([start, name]) => (
          <option key={start} value={start}>
            {name}
          </option>
        ))}
      </select>
      <label htmlFor={`${id}-language`}>{m.classroom.teacher.language}</label>
      <select
        id={`${id}-language`}
        value={form.language}
        onChange={(event) => change({ language: event.target.value as Form['language'] })}
      >
        <option value="">{m.classroom.teacher.ownLanguage}</option>
        {Object.entries(LANGUAGES).map(([language, name]) => (
          <option key={language} value={language} lang={language}>
            {name}
          </option>
        ))}
      </select>
    </div>
  );
}

function LessonText({ value, onChange }: { value: string; onChange: (text: string) => void }) {
  const id = useId();
  const fitting = useFitting(LONGEST_TEXT, onChange);
  return (
    <div className="teacher-text">
      <label htmlFor={id}>{m.classroom.teacher.text}</label>
      <textarea
        id={id}
        rows={3}
        value={value}
        aria-describedby={`${id}-help`}
        onChange={(event) => fitting.change(event.target.value)}
      />
      {fitting.said}
      <p className="note" id={`${id}-help`}>
        {m.classroom.teacher.textHelp(LONGEST_TEXT)}
      </p>
    </div>
  );
}

interface GroupRowProps {
  readonly group: Group;
  readonly value: Rule;
  readonly onChange: (rule: Rule) => void;
  readonly free: readonly SettingName[];
  readonly onFree: (free: readonly SettingName[]) => void;
}

/** Settings that a lesson may leave free one by one: those of the groups whose settings have controls of their own. */
const exempt = (group: Group) =>
  ['length', 'order', 'schedule', 'chance', 'remasking', 'fine'].includes(group)
    ? SETTING_NAMES.filter((name) => SETTINGS[name].group === group)
    : [];

function GroupRow({ group, value, onChange, free, onFree }: GroupRowProps) {
  const [name, help] = m.classroom.groups[group];
  const settings = value === 'free' ? [] : exempt(group);
  const settingNames: Readonly<Record<string, readonly string[]>> = m.settings;
  return (
    <div className="teacher-group">
      <p>
        <b>{name}</b>
        <span className="note">{help}</span>
      </p>
      <Segments
        small
        label={name}
        // Links to views have nothing to lock.
        options={group === 'views' ? ['free', 'hidden'] : RULES}
        words={m.classroom.teacher.rules}
        value={value}
        onChoose={onChange}
      />
      {settings.length > 1 && (
        <fieldset className="teacher-free">
          <legend>{m.classroom.teacher.but[value as 'locked' | 'hidden']}</legend>
          {settings.map((setting) => (
            <label key={setting}>
              <input
                type="checkbox"
                checked={free.includes(setting)}
                onChange={({ target }) =>
                  onFree(target.checked ? [...free, setting] : free.filter((each) => each !== setting))
                }
              />{' '}
              {settingNames[setting]?.[0] ?? setting}
            </label>
          ))}
        </fieldset>
      )}
    </div>
  );
}

interface CheckProps {
  readonly label: string;
  readonly help: string;
  readonly checked: boolean;
  readonly onChange: (on: boolean) => void;
}

function Check({ label, help, checked, onChange }: CheckProps) {
  const id = useId();
  return (
    <div className="field switch">
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        type="checkbox"
        checked={checked}
        aria-describedby={`${id}-help`}
        onChange={(event) => onChange(event.target.checked)}
      />
      <p className="note" id={`${id}-help`}>
        {help}
      </p>
    </div>
  );
}

function LinkPart({ address: here, title, language }: { address: string; title: string; language: Language | '' }) {
  const id = useId();
  const onlyHere = reachesOnlyHere(location.hostname);
  const [others, setOthers] = useState<readonly string[] | undefined>();
  const [lan, setLan] = useState<string | undefined>();
  useEffect(() => {
    if (!onlyHere) return;
    void lanAddresses().then((found) => {
      setOthers(found);
      setLan(found?.[0]);
    });
  }, [onlyHere]);
  const address = lan === undefined ? here : at(lan, here);
  const long = address.length > MOST_LINK;
  return (
    <section className="teacher-link" aria-labelledby={id}>
      <h3 id={id}>{m.classroom.teacher.link}</h3>
      <textarea readOnly rows={4} aria-labelledby={id} value={address} onFocus={(event) => event.target.select()} />
      <p className={long ? 'note warn' : 'note'} role="status">
        {m.classroom.teacher.size(address.length)}
        {long && ` ${m.classroom.teacher.long(MOST_LINK)}`}
      </p>
      <div className="teacher-acts">
        <CopyButton icon="copy" label={m.classroom.teacher.copy} text={() => address} />
        <a className="quiet" href={address} target="_blank" rel="noopener">
          {m.classroom.teacher.open}
        </a>
      </div>
      {onlyHere && !others?.length && (
        <p className="note warn">{others ? m.classroom.teacher.noNetwork : m.classroom.teacher.onlyHere}</p>
      )}
      {others && others.length > 0 && (
        <fieldset className="teacher-free">
          <legend>{m.classroom.teacher.reachable}</legend>
          {[...others, undefined].map((one) => (
            <label key={one ?? ''}>
              <input type="radio" name={id} checked={lan === one} onChange={() => setLan(one)} />{' '}
              {one ?? m.classroom.teacher.thisMachine}
            </label>
          ))}
        </fieldset>
      )}
      <QrCode text={address} />
      <details className="more">
        <summary>
          {m.classroom.embed.title}
          <Icon name="down" />
        </summary>
        <p className="note">{m.classroom.embed.help}</p>
        <textarea
          readOnly
          rows={4}
          aria-label={m.classroom.embed.title}
          value={embedCode(address, m.name)}
          onFocus={(event) => event.target.select()}
        />
        <CopyButton icon="copy" label={m.classroom.teacher.copy} text={() => embedCode(address, m.name)} />
      </details>
      <Totals />
      <ScormPart address={address} title={title} language={language} />
    </section>
  );
}

function wishesOf({ rules, free, asks, text, language, plays, start, moment }: Form): Wishes {
  const of = (rule: Rule) => GROUPS.filter((group) => rules[group] === rule);
  const [hidden, locked] = [of('hidden'), of('locked')];
  const left = SETTING_NAMES.filter(
    (name) => free.includes(name) && [...hidden, ...locked].some((group) => exempt(group).includes(name)),
  );
  const lesson = { hidden, locked, free: left, asks, text: text.trim() };
  const taught = lesson.hidden.length + lesson.locked.length > 0 || lesson.text !== '' || asks;
  return {
    lesson: taught ? lesson : undefined,
    language: language || undefined,
    plays: plays && start === 'generate' && !(moment && 'step' in momentLink()),
  };
}

/** A chapter is a start of its own, on whatever page of it the teacher is; other views begin as they are now. */
function startOf(page: Page | undefined, starts: Starts): string {
  const chapterOf = (query = '') => new Map(readPairs(query).pairs).get('chapter');
  const begins = (start: string) => {
    const [view, query] = start.split('?');
    return view === page?.view && (query === undefined || chapterOf(query) === chapterOf(page?.query));
  };
  return starts.map(([start]) => start).find(begins) ?? 'generate';
}

const viewOf = (start: string) => start.split('?')[0] as string;

function queryOf({ start, moment }: Form, page: Page | undefined, starts: Starts): string {
  const [view, query = ''] = start.split('?');
  if (view !== 'generate') return page && page.view === view && startOf(page, starts) === start ? page.query : query;
  const shown = moment ? momentLink() : undefined;
  return shown && 'query' in shown ? shown.query : settingsQuery();
}
