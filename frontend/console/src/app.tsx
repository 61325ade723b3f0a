import { Suspense, useCallback, useEffect, useMemo, useState } from "react";
import { Redirect, Route, Router, Switch } from "wouter";
import { SWRConfig } from "swr";
import { knowWord, read, remove, whenSignedOut } from "./api";
import { rooms } from "./rooms";
import { FirstOwner } from "./session/FirstOwner";
import { Invitation } from "./session/Invitation";
import { SessionContext, type Session, type SessionAnswer } from "./session/session";
import { SignIn } from "./session/SignIn";
import { NoLink } from "./session/Frame";
import { Shell, useFirstRoom } from "./shell/Shell";
import { Failure, Loading } from "./ui/states";

/** Who is here decides what is shown: the first owner's form, the sign-in, or the console. */
export function App() {
  const [answer, setAnswer] = useState<SessionAnswer | Error | null>(null);

  const take = useCallback((given: SessionAnswer) => {
    knowWord(given.csrf ?? "");
    setAnswer(given);
  }, []);

  const ask = useCallback(() => {
    read<SessionAnswer>("/session").then(take, setAnswer);
  }, [take]);

  useEffect(() => {
    whenSignedOut(ask);
    ask();
  }, [ask]);

  const session = useMemo<Session | null>(() => {
    if (!answer || answer instanceof Error || !answer.me) return null;
    const allowed = new Set(answer.may);
    return {
      me: answer.me,
      workspace: { name: answer.workspace.name, app_id: answer.workspace.app_id ?? "" },
      may: (action) => allowed.has(action),
      signOut: async () => {
        await remove("/session");
        ask();
      },
    };
  }, [answer, ask]);

  if (answer === null) return <Loading what="the console" whole />;
  if (answer instanceof Error) return <Failure error={answer} again={ask} whole />;
  if (location.pathname.startsWith("/console/invitation")) return <Invitation done={take} />;
  if (answer.first_owner) return <FirstOwner done={take} />;
  if (answer.needs_link) return <NoLink />;
  if (!session) return <SignIn workspace={answer.workspace.name} done={take} />;
  return (
    <SessionContext.Provider value={session}>
      <SWRConfig value={{ fetcher: read, revalidateOnFocus: true, keepPreviousData: true, shouldRetryOnError: false }}>
        <Router base="/console">
          <Shell>
            <Switch>
              {rooms.map((room) => (
                <Route key={room.path} path={room.path} nest>
                  <Suspense fallback={<Loading what={room.label} />}>
                    <room.Page />
                  </Suspense>
                </Route>
              ))}
              <Route>
                <ToFirstRoom />
              </Route>
            </Switch>
          </Shell>
        </Router>
      </SWRConfig>
    </SessionContext.Provider>
  );
}

function ToFirstRoom() {
  return <Redirect to={useFirstRoom()} replace />;
}
