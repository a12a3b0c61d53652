"""Who and what the demonstration is made of."""

from sampark.cli.demo_club import CHOIR, COMPUTERS, EVERYONE, KITCHEN
from sampark.cli.demo_school import CLASS_8B, SPORTS_DAY, WATER
from sampark.cli.demo_script import Character, Story

CHARACTERS = (
    Character("asha", "Asha Verma"),
    Character("rohan", "Rohan Mehta"),
    Character("meera", "मीरा जोशी"),
    Character("kabir", "Kabir Khan"),
    Character("emily", "Emily Carter"),
    Character("fatima", "Fatima Ali"),
    Character("नेहा", "नेहा कपूर"),
    Character("arjun", "अर्जुन अय्यर"),
    Character("daniel", "Daniel Brooks"),
    Character("imran", "Imran Sheikh"),
    Character("sunita", "सुनीता जोशी", "hi"),
    Character("lakshmi", "लक्ष्मी अय्यर", "hi"),
    Character("grace", "Grace Thomas"),
    Character("oliver", "Oliver Hayes"),
    Character("tom", "Tom D’Souza"),
)

STORIES = (
    Story("Everyone · सब लोग", "Teachers, pupils, parents and friends.", None, EVERYONE, ("rohan", "meera")),
    Story("Class 8B", "Homework, questions, lost water bottles.", "asha", CLASS_8B, ("imran",)),
    Story("Science project: Water", "How much do we waste, and how could it be less?", "daniel", WATER, ("kabir",)),
    Story("खेल दिवस · Sports Day", "अगला शनिवार, सुबह आठ बजे से।", "imran", SPORTS_DAY, ("rohan",)),
    Story("रसोई · Recipe club", "हर हफ़्ते एक व्यंजन। One dish a week.", "sunita", KITCHEN, ("asha", "tom")),
    Story("Choir", "Tuesday and Friday, half past four, music room.", "grace", CHOIR, ("asha", "emily")),
    Story("Computer club", "Nobody laughs at a question.", "oliver", COMPUTERS, ("daniel",)),
)
