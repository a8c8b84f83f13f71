import { invoke } from "pyxidium";

const element = (id) => document.getElementById(id);

async function greet() {
  element("answer").textContent = await invoke("greet", { name: element("name").value });
}

element("form").addEventListener("submit", (event) => {
  event.preventDefault();
  greet();
});
greet();
