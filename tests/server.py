"""The real server as a process of its own: started, asked, stopped or killed."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).parents[1]
PATIENCE = 60


class Server:
    """`arshjul run` or `serve` on a free port of this machine."""

    def __init__(
        self,
        data: Path,
        *,
        word: str = "run",
        host: str = "127.0.0.1",
        database_url: str = "",
        **env: str,
    ) -> None:
        self.data = data
        self.port = free_port()
        self.url = f"http://{host}:{self.port}"
        self.word = word
        clean = {k: v for k, v in os.environ.items() if not k.startswith(("ARSHJUL_", "DATABASE_"))}
        self.env = clean | {"PYTHONPATH": str(ROOT), "ARSHJUL_URL": self.url} | env
        if database_url:
            self.env["DATABASE_URL"] = database_url
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> "Server":
        """Start it; with the small demo, which is there before it answers."""
        if self.word == "run" and not any(self.data.glob("*.sqlite3")):
            self.grow()
        command = [sys.executable, "-m", "webapp.cli", *self.word.split()]
        with (self.data / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                [*command, "--data", str(self.data), "--port", str(self.port)],
                cwd=ROOT,
                env=self.env,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._wait()
        return self

    def grow(self) -> None:
        """Make the small demo."""
        command = [sys.executable, "-m", "webapp.cli", "demo", "--small", "--data", str(self.data)]
        subprocess.run(command, cwd=ROOT, env=self.env, check=True)

    def _wait(self) -> None:
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            if self.process is None or self.process.poll() is not None:
                raise RuntimeError(f"the server ended: {self.said()[-3000:]}")
            try:
                with urllib.request.urlopen(f"{self.url}/health/ready", timeout=2):  # noqa: S310
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
        raise RuntimeError(f"the server did not come up: {self.said()[-3000:]}")

    def said(self) -> str:
        """What the server has printed so far."""
        return (self.data / "server.log").read_text(errors="replace")

    def kill(self) -> None:
        """Let the power go: the whole process group at once."""
        self._signal(signal.SIGKILL)

    def stop(self) -> int:
        """Ask it to end, as a restart does; returns its exit code."""
        return self._signal(signal.SIGTERM)

    def _signal(self, number: signal.Signals) -> int:
        if self.process is None:
            return 0
        if number is signal.SIGKILL:
            os.killpg(self.process.pid, number)
        else:
            self.process.send_signal(number)
        code = self.process.wait(timeout=PATIENCE)
        self.process = None
        return code

    def __enter__(self) -> "Server":
        return self.start()

    def __exit__(self, *_: object) -> None:
        if self.process is not None and self.process.poll() is None:
            self.kill()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
