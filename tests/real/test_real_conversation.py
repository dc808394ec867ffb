"""A whole case about a real server: complaint, cause, mended, looked at again, closed."""

import shutil
import subprocess

from real.maillab import Lab, needs

pytestmark = needs("postfix")


def test_a_server_is_mended_between_two_looks(lab: Lab) -> None:
    """The expired certificate is the cause; with a new one the second look finds nothing."""
    host = "mended.example.test"
    complaint = f"I can't send email, certificate warning. server {host} port 587 with STARTTLS"
    first, in_vain = lab.mailmedic.chat({"say": complaint}, {"choose": "changed"})
    case = str(first["case"]["id"])

    assert first["case"]["verdict"] == "cert.expired"
    assert first["case"]["state"] == "advised"
    assert first["messages"][-1]["advice"]
    assert in_vain["case"]["verdict"] == "cert.expired"
    assert in_vain["case"]["state"] == "advised"

    shutil.copyfile(lab.folder / "tls" / "good.pem", lab.folder / "tls" / "mended.pem")
    postfix = shutil.which("postfix")
    assert postfix is not None
    subprocess.run([postfix, "-c", lab.folder / "postfix", "reload"], check=True)
    again, closed = lab.mailmedic.chat(
        {"choose": "changed"}, {"choose": "fixed"}, words=("--case", case)
    )

    assert "the server works with these settings" in again["messages"][-1]["text"], again
    assert again["case"]["verdict"] == "cert.expired"  # the case's cause stays what it was
    assert closed["case"]["state"] == "closed"
    stored = lab.mailmedic("history", "show", case, "--json").document
    assert stored["outcome"] == "fixed"
    assert lab.check("mended:587")[1] == ("ok", 0)
