"""Words that stand where a secret would stand and are none.

`PLACEHOLDERS` hold its place in examples and logs. `PROSE` goes on with a sentence, as in
"password is wrong" or "password: I don't know", in the languages that people write here; a secret
that is one of these words is not worth the name. `SLOTS` are what other values are called, as in
"the user is rosa77"; `TECHNICAL` are programs, services and what stands beside "password".
"""

__all__ = ["PLACEHOLDERS", "PROSE", "SLOTS", "TECHNICAL"]

_PLACEHOLDERS = """
password passwort passwd passwrd pass pw pwd secret kennwort wachtwoord senha clave contraseña
contrasena mdp motdepasse geheim token key apikey api_key my_password mypassword yourpassword
your_password your-password youpassword userpassword smtp_password smtppassword changeme
change_me replaceme placeholder example beispiel null none nil undefined empty blank leer vide
vacío vazio hidden redacted removed masked censored entfernt string value here true false yes no
on off ok n/a na tbd required optional unset plain login cram-md5 xoauth2 username user
password1234567890 deinpasswort ihrpasswort meinpasswort tonmotdepasse tucontraseña suasenha
normal encrypted app-password app_password apppassword
"""
_PROSE = """
a about accepted again all already also always an and any anymore anyway apparently are as ask
asked asking asks at authentication authenticated bad be because been being box but by can
cannot cant case change changed changes changing check checked checking clear cleared correct
could credentials did didnt different do does doesnt doing done dont each either else encrypted
enter entered error every exactly expired expires expiry failed failing fails failure fine first
for forgotten forgot from getting given goes gone good got had has have havent having he i if
ill im in incorrect input into invalid is isnt ist it its ive just keep keeps known last left
length like locked long longer looks manager may maybe me mismatch missing mistake more must my
need needed needs never new no nobody non nope not nothing now obviously of off ok okay old on
once one only or our out over page pasted policy prompt prompts protected rather really recently
refused rejected remains remember remembered required requirements resets reset retyped right
safe said same saved says see seems sent set shared should since so some someone still stored
such sure than that thats the their them then there these they thing this times to too tried
turned twice typed unchanged under unknown until up updated used user username using valid
verified very via was wasnt we well went were what when where which while who why will window
with without wont working works would wrong yes you your youre aber abgelaufen abgelehnt alle
als auch bei bekannt das dass dem den der die doch ein eine einem einen eingegeben er es falsch
fehlt funktioniert für geht gesetzt gespeichert gestern geändert geprüft gleich gültig habe
haben hat ich ihr immer ja kein keine klappt korrekt mehr mehrfach mein mit muss nach nein neu
neue neues nicht nie noch nochmal nur ob oder passt richtig schon sei sein seit sich sie sind
sicher stimmt und ungültig unbekannt unverändert vergessen verschlüsselt von vorhanden war weg
weil wenn wie wird wir wurde zu zum zurückgesetzt au avec bon bonne ce cest changé correcte dans
de depuis des du elle en enregistré est et été expiré faux fausse il inchangé incorrecte
incorrecto invalide je jai la le les mais mauvais mon ne nest nouveau oublié par pas pour puis
que qui refusé sa sans son sur toujours tout un une validé vérifié vrai ahora al bien cambiada
cambié con correcta correcto del desde el era está esta estaba han incorrecta las lo los mal mi
misma mismo muy nada ninguna nueva para pero por se sea ser si sin sigue siempre su también todo
una válida vencida y ya ainda até com correta da dos e ela ele em errada esqueci estava expirou
foi incorreta inválida já mas mesma meu minha muito na nas nem nos nova não o os pela porque
recusada sem sempre seu sua também tem um uma anche che corretta dal della di è errata giusta ho
ma per più sbagliata scaduta sono stata altijd dat een fout goed het hetzelfde ik juist klopt
maar met mijn naar niet nog nu onjuist ook op te verlopen voor werkt zijn keins keiner rubbish
garbage nonsense gibberish identical alright
"""

_SLOTS = """
account address alias app application benutzer benutzername browser build case client code compte
computer conta correo cuenta customer customers device dit domain domaine dominio email emails
erreur error errors exception fehler fehlercode fehlermeldung file firewall folder gebruiker
gebruikersnaam gives got handy host hosting hostname id identifiant info ip isp kennung key konto
line log login logs mac mail mailbox mails meldung message model modell name nas network nom nome
number nummer os output pc person phone port ports postfach printer product program programm
programme protocol provider reads reason recipient ref reference reply report reported reports
request response result sagt said says scanner screenshot serial server serveur servidor session
setting settings shows site smtp software source state status subject subscription system tenant
test ticket trace type url user userid username usernames users usuario utente utilisateur version
website with zeigt
"""
_TECHNICAL = """
account accounts activation admin age aide aiuto ajuda anmeldung annoying anybody anything apple
attempt attempts auth authenticator autofill ayuda bitte bitwarden both box boxes browser calendar
captcha change chrome client combination combo company complexity computer config configuration
contact danke database dialog dialogue disaster dovecot dunno email entry erreur everybody
everything everywhere exchange exim expiration fastmail fehler field fields file firefox form
generator gmail gmx google gracias half hash hashes help helpdesk hilfe hint history hotmail icloud
imap imaps ipad iphone issue issues keepass keychain keyring laptop lastpass length link list login
logins logon mail mailbox manager managers merci message messages microsoft migration nextcloud
nightmare nothing office onepassword outlook page pages pair pairs panel part parts people person
phone phpmailer please policies pop popup portal postfix problem problema problems problème prompt
protection protocol proton provider question questions recovery request reset rotation rule rules
safari screen security server servers service setting setup setups sharing sheet smtp smtps somebody
someone something somewhere sorry ssl starttls storage store strange string stuff support sync text
thank thanks thing things thunderbird timeout timeouts tls token user users value values vault
verification webmail website weird window windows word wordpress words work yahoo zoho
"""

PLACEHOLDERS = frozenset(_PLACEHOLDERS.split())
PROSE = frozenset(_PROSE.split())
SLOTS = frozenset(_SLOTS.split())
TECHNICAL = frozenset(_TECHNICAL.split())
