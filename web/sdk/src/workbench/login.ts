// The log-in of the workbench's own page.
import { type TemplateResult, html, nothing } from 'lit-html';
import { avatar } from './bits';
import type { Model } from './model';
import { askPermission } from './notifier';

export function loginView(model: Model): TemplateResult {
  const { desk: words } = model.words;
  const { offer } = model;
  const waits = ['connecting', 'reconnecting'].includes(model.phone.connection);
  return html`<section class="login card" aria-labelledby="login-title" aria-busy=${String(waits)}>
    <h1 id="login-title">${words.title}</h1>
    ${model.out ? html`<p class="notice-line" role="alert" id="over">${model.out}</p>` : nothing}
    ${model.notice ? html`<p class="notice-line" data-kind="bad" role="alert" id="notice">
      ${model.notice.text}</p>` : nothing}
    ${waits ? html`<p class="soft" role="status">${words.connecting}</p>` :
      !offer ? nothing : offer.demo ? seats(model) : form(model)}
  </section>`;
}

function seats(model: Model): TemplateResult {
  const { desk: words } = model.words;
  const about = (u: any) => [words.roles[u.role], words.devices[u.device], u.extension].filter(Boolean).join(' · ');
  return html`<p class="soft">${words.demo}</p>
    <ul class="users" id="users">${(model.offer?.users ?? []).map((u) => html`<li>
      <button type="button" data-user=${u.user} @click=${() => enter(model, u.user)}>${avatar(u)}<span>
        <strong>${u.name || u.user}</strong><small class="soft">${about(u)}</small></span></button></li>`)}</ul>`;
}

function form(model: Model): TemplateResult {
  const { desk: words } = model.words;
  return html`<form id="login-form" class="stack" @submit=${(e: Event) => {
    e.preventDefault();
    const form = e.target as HTMLFormElement;
    const [user, password] = ['user', 'password'].map((name) => form.querySelector<HTMLInputElement>(`#${name}`)!);
    void enter(model, user!.value.trim(), password!.value);
    password!.value = '';
  }}>
    <label for="user">${words.user}</label>
    <input id="user" name="user" autocomplete="username" autocapitalize="none" spellcheck="false" required>
    <label for="password">${words.password}</label>
    <input id="password" name="password" type="password" autocomplete="current-password" required>
    <button class="main" type="submit" data-do="login">${words.enter}</button>
  </form>`;
}

function enter(model: Model, user: string, password?: string): Promise<void> {
  if (model.preferences.choices.notifications) {
    void askPermission(); // here a click allows it
  }
  return model.attempt(() => model.phone.login(user, password));
}
